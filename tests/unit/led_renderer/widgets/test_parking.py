"""Parked callers."""

from led_renderer.view import Lot, View
from led_renderer.widgets import Options, parking
from led_renderer.widgets.cards import Card, Figure, counted, drawn
from support.gallery import BERLIN
from support.views import AT

SIZE = (128, 8)
PARK = Lot(name="park", parked=2, longest_since=AT - 95_000)
FIFO = Lot(name="fifo", parked=1, longest_since=AT - 200_800)


def page(*lots: Lot, name: str | None = None) -> object:
    return parking.draw(View(parking=lots), SIZE, AT, Options(timezone=BERLIN, name=name, since=AT))


def picture(parked: int, wait: str = "", title: str = "") -> object:
    figures = [counted("parking", parked)] + ([Figure("clock", wait, "00:00", alone=True)] if wait else [])
    return drawn((Card(tuple(figures), title),), SIZE, AT, Options(timezone=BERLIN, since=AT))[0]


def test_how_many_and_for_how_long() -> None:
    assert page(PARK) == page(PARK, name="park") == (picture(2, "1:35"), AT + 1_000)


def test_all_lots_together() -> None:
    assert page(PARK, FIFO) == (picture(3, "3:20"), AT + 200)


def test_one_of_several_is_named() -> None:
    assert page(PARK, FIFO, name="park") == (picture(2, "1:35", "park"), AT + 1_000)


def test_an_empty_lot() -> None:
    assert page(PARK, name="gone") == (picture(0), None)
    assert page() == (picture(0), None)
