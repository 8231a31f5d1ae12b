"""The chain model against the datasheet's own words, register by register."""

import errno
import sys

import pytest

from support.max7219_chain import Chain, FakeSpiDev, Module, Mounting, SpiBus, fake_spidev

BRIGHT = {0xB: 7, 0xC: 1, 0x9: 0, 0xF: 0}


def module(**digits: int) -> Module:
    made = Module()
    made.registers |= BRIGHT
    for name, value in digits.items():
        made.digits[int(name[1:])] = value
    return made


def word(made: Module, value: int) -> None:
    for position in range(15, -1, -1):
        made.clock(value >> position & 1)
    made.latch()


def test_after_power_up_it_is_shut_down_scans_one_digit_and_is_dark() -> None:
    made = Module()
    assert made.registers == {0x9: 0, 0xA: 0, 0xB: 0, 0xC: 0, 0xF: 0}
    assert not list(made.lit())


@pytest.mark.parametrize("digit", range(8))
def test_a_digit_register_lights_its_column_bit_0_on_top(digit: int) -> None:
    made = module()
    word(made, (digit + 1) << 8 | 0b1000_0001)
    assert set(made.lit()) == {(digit, 0), (digit, 7)}


def test_no_op_and_the_unused_addresses_change_nothing() -> None:
    made = module(d3=0x18)
    for address in (0x0, 0xD, 0xE):
        word(made, address << 8 | 0xFF)
    assert (made.digits, made.registers) == ([0, 0, 0, 0x18, 0, 0, 0, 0], {**BRIGHT, 0xA: 0})


def test_the_upper_four_bits_of_a_word_are_ignored() -> None:
    made = module()
    word(made, 0xF000 | 0x0142)
    assert made.digits[0] == 0x42


def test_shutdown_blanks_and_keeps_the_registers() -> None:
    made = module(d0=0xFF)
    word(made, 0x0C00)
    assert not list(made.lit())
    word(made, 0x0C01)
    assert len(list(made.lit())) == 8


def test_display_test_lights_everything_even_in_shutdown() -> None:
    made = Module()
    word(made, 0x0F01)
    assert len(list(made.lit())) == 64


def test_the_scan_limit_hides_the_digits_above_it() -> None:
    made = module(**{f"d{digit}": 0x01 for digit in range(8)})
    word(made, 0x0B02)
    assert set(made.lit()) == {(0, 0), (1, 0), (2, 0)}


def test_decoding_shows_code_b_and_leaves_the_point_alone() -> None:
    made = module(d0=0x80 | 0x0A, d1=0x08)
    word(made, 0x0901)
    assert (made.segments(0), made.segments(1)) == (0x80 | 0x01, 0x08)


def test_what_falls_out_of_one_module_enters_the_next_so_the_farthest_is_sent_first() -> None:
    chain = Chain(Mounting(columns=2))
    chain.transfer(b"\x01\xaa\x02\x55")
    near, far = chain.modules
    assert (near.digits[1], far.digits[0]) == (0x55, 0xAA)


def test_a_transfer_that_is_cut_short_shifts_what_was_there_before() -> None:
    chain = Chain(Mounting(columns=2))
    chain.transfer(b"\x01\xaa\x01\x55")
    chain.transfer(b"\x03\x0f")
    near, far = chain.modules
    assert (near.digits[2], far.digits[0]) == (0x0F, 0x55)


@pytest.mark.parametrize(("turned", "corner"), [(0, (0, 0)), (90, (7, 0)), (180, (7, 7)), (-90, (0, 7))])
def test_a_turned_module_shows_its_first_led_in_another_corner(turned: int, corner: tuple[int, int]) -> None:
    chain = Chain(Mounting(columns=1, turned=turned))
    chain.modules[0].registers |= BRIGHT
    chain.modules[0].digits[0] = 0x01
    lines = chain.visible().splitlines()
    assert [(x, y) for y in range(8) for x in range(8) if lines[y][x] == "#"] == [corner]


@pytest.mark.parametrize(
    ("right_to_left", "cells"),
    [(False, [(0, 0), (1, 0), (0, 1), (1, 1)]), (True, [(1, 0), (0, 0), (1, 1), (0, 1)])],
)
def test_the_chain_goes_through_the_rows_from_the_top(*, right_to_left: bool, cells: list[tuple[int, int]]) -> None:
    assert Mounting(columns=2, rows=2, right_to_left=right_to_left).cells() == cells


@pytest.mark.parametrize(("hung", "size"), [(0, (16, 8)), (1, (8, 16)), (2, (16, 8)), (3, (8, 16))])
def test_a_panel_hung_on_its_side_is_seen_upright(hung: int, size: tuple[int, int]) -> None:
    lines = Chain(Mounting(columns=2, hung=hung)).visible().splitlines()
    assert (len(lines[0]), len(lines)) == size


def test_a_brown_out_forgets_the_registers_and_leaves_garbage() -> None:
    chain = Chain(Mounting(columns=2))
    chain.modules[1].registers |= BRIGHT
    chain.brown_out(1)
    assert not list(chain.modules[1].lit())
    chain.modules[1].registers[0xC] = 1
    assert list(chain.modules[1].lit())


def test_the_fake_spidev_fails_when_told_with_part_of_the_transfer_clocked_in() -> None:
    bus = SpiBus(Chain(Mounting(columns=1)), failures={1: 2})
    with fake_spidev(bus):
        spi = sys.modules["spidev"].SpiDev()
        spi.open(0, 0)
        spi.writebytes([1, 2])
        with pytest.raises(OSError, match="Input/output") as caught:
            spi.writebytes([2, 3, 4, 5])
    assert (caught.value.errno, bus.transfers, bus.chain.modules[0].digits[1]) == (errno.EIO, [b"\x01\x02"], 3)


def test_a_clock_faster_than_the_chip_is_refused() -> None:
    spi = FakeSpiDev(SpiBus(Chain(Mounting())))
    spi.max_speed_hz = 16_000_000
    with pytest.raises(AssertionError):
        spi.writebytes([0, 0])
