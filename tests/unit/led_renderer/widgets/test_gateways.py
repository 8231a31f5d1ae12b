"""Gateways that are down."""

from led_renderer.view import Gateway, View
from led_renderer.widgets import WIDGETS, Options, gateways
from led_renderer.widgets.cards import Card, Figure, counted, drawn
from support.gallery import BERLIN
from support.views import AT

OPTIONS = Options(timezone=BERLIN, since=AT)
UP = Gateway(name="backup", state="REGED", up=True)
DOWN = Gateway(name="carrier", state="FAIL_WAIT", up=False, since=AT - 723_000)
OTHER = Gateway(name="other", state="NOREG", up=False, since=AT - 60_300)


def card(name: str, age: str) -> Card:
    return Card((Figure("no-entry", age, "00:00"),), name)


def test_it_says_which_and_since_when() -> None:
    shown = gateways.draw(View(gateways=(UP, DOWN)), (64, 8), AT, OPTIONS)
    assert shown == (drawn((card("carrier", "12:03"),), (64, 8), AT, OPTIONS)[0], AT + 1_000)


def test_several_take_turns_and_every_age_counts() -> None:
    both = (card("carrier", "12:03"), card("other", "1:00"))
    shown = gateways.draw(View(gateways=(UP, DOWN, OTHER)), (64, 8), AT, OPTIONS)
    assert shown == (drawn(both, (64, 8), AT, OPTIONS)[0], AT + 700)


def test_the_page_is_there_only_while_one_is_down() -> None:
    assert WIDGETS["gateways"].needs == "gateways_down"
    assert not View(gateways=(UP,)).gateways_down
    assert View(gateways=(UP, DOWN)).gateways_down == (DOWN,)


def test_all_is_well() -> None:
    shown = gateways.draw(View(gateways=(UP,)), (32, 8), AT, OPTIONS)
    assert shown == drawn((Card((counted("check", 1),)),), (32, 8), AT, OPTIONS)
