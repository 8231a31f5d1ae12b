"""Wire: equal to luma's own bytes, and right on the panel where luma is wrong."""

import itertools
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from luma.led_matrix.device import max7219
from PIL import Image

from led_renderer.wire import ORIENTATIONS, ROTATIONS, Geometry, Wire
from support.max7219_chain import Chain, Mounting

WALLS = [(16, 16), (32, 16), (64, 32)]
ROWS = [(8 * cascaded, 8) for cascaded in range(1, 17)]

# luma calls getdata(), which Pillow 14 will remove; Pillow is pinned below it.
pytestmark = pytest.mark.filterwarnings("ignore:Image.Image.getdata is deprecated:DeprecationWarning")


class Recorder:
    """A luma serial interface that keeps what it is given."""

    def __init__(self) -> None:
        self.transfers: list[bytes] = []

    def data(self, data: Sequence[int]) -> None:
        self.transfers.append(bytes(data))

    def cleanup(self) -> None:
        pass


def luma_sends(geometry: Geometry, rows: Sequence[int]) -> list[bytes]:
    serial = Recorder()
    device = max7219(
        serial,
        width=geometry.width,
        height=geometry.height,
        rotate=geometry.rotate,
        block_orientation=geometry.orientation,
        blocks_arranged_in_reverse_order=geometry.reverse,
    )
    width, height = geometry.frame_size
    image = Image.new("1", (width, height))
    image.putdata([255 * (row >> x & 1) for row in rows for x in range(width - 1, -1, -1)])
    serial.transfers.clear()
    device.display(image)
    device.persist = True
    return serial.transfers


def we_send(geometry: Geometry, rows: Sequence[int]) -> list[bytes]:
    wire = Wire(geometry)
    return [wire.transfer(digit, data) for digit, data in enumerate(wire.digits(rows))]


def noise(geometry: Geometry, seed: int = 7) -> list[int]:
    width, height = geometry.frame_size
    draw = random.Random(seed)
    return [draw.getrandbits(width) for _ in range(height)]


def art(geometry: Geometry, rows: Sequence[int]) -> str:
    width = geometry.frame_size[0]
    return "".join(f"{row:0{width}b}".replace("1", "#").replace("0", ".") + "\n" for row in rows)


def mounted(geometry: Geometry) -> Chain:
    """A panel whose modules are mounted as this geometry says, switched on."""
    chain = Chain(
        Mounting(geometry.width // 8, geometry.height // 8, geometry.orientation, geometry.reverse, geometry.rotate)
    )
    for register, value in ((0xB, 7), (0x9, 0), (0xF, 0), (0xC, 1)):
        chain.transfer(Wire(geometry).control(register, value))
    return chain


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", ROWS + WALLS, ids=str)
def test_the_bytes_are_lumas(size: tuple[int, int], orientation: int) -> None:
    for rotate, reverse in itertools.product(ROTATIONS, (False, True)):
        if reverse and size[1] > 8:
            continue  # luma raises IndexError; see the walls below
        geometry = Geometry(*size, orientation, rotate, reverse)  # type: ignore[arg-type]  # parametrize gives int
        rows = noise(geometry)
        assert we_send(geometry, rows) == luma_sends(geometry, rows), geometry


@given(data=st.data(), orientation=st.sampled_from(ORIENTATIONS), rotate=st.sampled_from(ROTATIONS))
def test_the_bytes_are_lumas_for_any_frame(data: st.DataObject, orientation: int, rotate: int) -> None:
    width, height = data.draw(st.sampled_from([(8, 8), (32, 8), (32, 16)]))
    geometry = Geometry(width, height, orientation, rotate)  # type: ignore[arg-type]  # sampled_from gives int
    across, down = geometry.frame_size
    rows = data.draw(st.lists(st.integers(0, 2**across - 1), min_size=down, max_size=down))
    assert we_send(geometry, rows) == luma_sends(geometry, rows)


@pytest.mark.parametrize("reverse", [False, True], ids=["forward", "reverse"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("size", [*ROWS, *WALLS], ids=str)
def test_a_person_sees_the_frame(size: tuple[int, int], orientation: int, *, reverse: bool) -> None:
    for rotate in ROTATIONS:
        geometry = Geometry(*size, orientation, rotate, reverse)  # type: ignore[arg-type]  # parametrize gives int
        rows = noise(geometry)
        chain = mounted(geometry)
        for transfer in we_send(geometry, rows):
            chain.transfer(transfer)
        assert chain.visible() == art(geometry, rows), geometry


def test_one_changed_row_changes_one_digit_where_digits_are_rows() -> None:
    wire = Wire(Geometry(32, 8, -90))
    before = wire.digits([0] * 8)
    after = wire.digits([0, 0, 0b1010, 0, 0, 0, 0, 0])
    assert [digit for digit in range(8) if before[digit] != after[digit]] == [5]


def test_a_control_word_goes_to_every_module() -> None:
    assert Wire(Geometry(24, 8)).control(0x0A, 4) == b"\x0a\x04\x0a\x04\x0a\x04"


@pytest.mark.parametrize("size", [(0, 8), (12, 8), (8, 4), (-8, 8)], ids=str)
def test_a_panel_that_is_no_whole_number_of_modules_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no whole number of 8x8 modules"):
        Geometry(*size)


@pytest.mark.parametrize(("rotate", "size"), [(0, (32, 16)), (1, (16, 32)), (2, (32, 16)), (3, (16, 32))])
def test_the_frame_of_a_panel_on_its_side_is_upright(rotate: int, size: tuple[int, int]) -> None:
    geometry = Geometry(32, 16, 0, rotate)  # type: ignore[arg-type]  # parametrize gives int
    assert (geometry.frame_size, geometry.modules) == (size, 8)
