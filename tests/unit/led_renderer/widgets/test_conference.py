"""Conferences."""

from led_renderer.view import Conference, View
from led_renderer.widgets import Options, conference
from led_renderer.widgets.cards import Card, Figure, counted, drawn
from support.gallery import BERLIN
from support.views import AT

SIZE = (128, 8)
ONE = Conference(name="3000", members=4, talking=1, since=AT - 65_000)
BOARD = Conference(name="board", members=12, talking=2, locked=True, recording=True, since=AT - 5_500)


def page(*shown: Conference, name: str | None = None) -> object:
    return conference.draw(View(conferences=shown), SIZE, AT, Options(timezone=BERLIN, name=name, since=AT))


def card(members: int, talking: int, age: str, *flags: str, title: str = "") -> Card:
    figures = [counted("conference", members), counted("talking", talking), Figure("clock", age, "00:00", alone=True)]
    return Card((*figures, *(Figure(flag) for flag in flags)), title)


def picture(*cards: Card) -> object:
    return drawn(cards, SIZE, AT, Options(timezone=BERLIN, since=AT))[0]


def test_members_those_who_speak_and_its_age() -> None:
    assert page(ONE) == (picture(card(4, 1, "1:05")), AT + 1_000)


def test_a_lock_and_a_disc() -> None:
    assert page(BOARD) == (picture(card(12, 2, "0:05", "lock", "record")), AT + 500)


def test_several_take_turns_with_their_names() -> None:
    both = (card(4, 1, "1:05", title="3000"), card(12, 2, "0:05", "lock", "record", title="board"))
    assert page(ONE, BOARD) == (picture(*both), AT + 500)
    assert page(ONE, BOARD, name="board") == (picture(both[1]), AT + 500)


def test_one_that_is_over_has_nobody() -> None:
    assert page(ONE, name="gone") == (picture(Card((counted("conference", 0),))), None)
