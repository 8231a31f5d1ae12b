"""Mounting: what a person sees of a chain picture is what the model of the chips shows."""

import itertools
import random

import pytest

from led_renderer.frame import Frame
from led_renderer.mounting import hung, laid, turned
from led_renderer.wire import ORIENTATIONS, ROTATIONS, Geometry, Wire
from support.max7219_chain import Chain, Mounting

SIZES = [(8, 8), (32, 8), (8, 24), (32, 16), (24, 24)]
GEOMETRIES = [
    Geometry(*size, orientation, rotate, reverse)
    for size, orientation, rotate, reverse in itertools.product(SIZES, ORIENTATIONS, ROTATIONS, (False, True))
]


def noise(width: int, height: int) -> Frame:
    draw = random.Random(width * height)
    return Frame(width, height, [draw.getrandbits(width) for _ in range(height)])


def seen(geometry: Geometry, chain: Frame) -> str:
    """What the chips show when the chain picture is sent as to a plain row of modules."""
    wire = Wire(Geometry(chain.width, 8))
    model = Chain(
        Mounting(geometry.width // 8, geometry.height // 8, geometry.orientation, geometry.reverse, geometry.rotate)
    )
    for register, value in ((0xB, 7), (0xC, 1)):
        model.transfer(wire.control(register, value))
    for digit, data in enumerate(wire.digits(chain.rows)):
        model.transfer(wire.transfer(digit, data))
    return model.visible()


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_a_chain_picture_is_seen_as_hung_says(geometry: Geometry) -> None:
    chain = noise(geometry.modules * 8, 8)
    assert str(hung(chain, geometry)) == seen(geometry, chain)


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=str)
def test_a_panel_that_is_laid_out_is_seen_as_it_was(geometry: Geometry) -> None:
    panel = noise(*geometry.frame_size)
    assert seen(geometry, laid(panel, geometry)) == str(panel)


def test_more_modules_than_the_chain_has_do_no_harm_when_sent() -> None:
    geometry = Geometry(32, 16, -90, 0, reverse=True)
    chain = noise(8 * 8, 8)
    longer = Frame(8 * 256, 8).over(chain)
    assert seen(geometry, longer) == seen(geometry, chain) == str(hung(longer, geometry))


def test_a_picture_is_turned_clockwise() -> None:
    assert str(turned(Frame.parse("#.\n..\n"), 90)) == ".#\n..\n"
    assert turned(Frame.parse("#.\n..\n"), -90) == turned(Frame.parse("#.\n..\n"), 270)


def test_only_squares_are_turned() -> None:
    with pytest.raises(ValueError, match="16x8 is not square"):
        turned(Frame(16, 8), 90)
