"""Who serves the callers."""

from led_renderer.view import Agent, View
from led_renderer.widgets import Options, agents
from led_renderer.widgets.agents import tally, title
from led_renderer.widgets.cards import Card, Figure, drawn
from support import views
from support.gallery import BERLIN
from support.views import AT

VIEW = View(
    queues=(views.queue("support@default", available=4, on_call=2, on_break=1), views.queue("sales@default")),
    agents=views.agents(available=3, on_call=2, on_break=1),
)


def page(name: str | None = None) -> object:
    return agents.draw(VIEW, (128, 8), AT, Options(timezone=BERLIN, name=name, since=AT))


def figures(free: str, talking: str, away: str, title: str = "") -> object:
    shown = (Figure("agent", free), Figure("talking", talking), Figure("break", away))
    return drawn((Card(shown, title),), (128, 8), AT, Options(timezone=BERLIN, since=AT))


def test_all_are_counted_once() -> None:
    assert page() == figures("3", "2", "1")


def test_those_of_a_queue() -> None:
    assert page("support@default") == figures("4", "2", "1", "support")


def test_a_queue_that_is_gone_has_none() -> None:
    assert page("gone") == figures("-", "-", "-", "gone")


def test_they_are_counted_as_the_publisher_counts() -> None:
    def one(status: str | None, state: str | None) -> tuple[int, int, int]:
        return tally((Agent(name="a", status=status, state=state),))

    assert one(None, "Waiting") == one("Available", "Receiving") == (1, 0, 0)
    assert one("Available", "In a queue call") == one("Logged Out", "In a queue call") == (0, 1, 0)
    assert one("On Break", "Waiting") == one("Available (On Demand)", "Idle") == (0, 0, 1)
    assert one("Logged Out", "Waiting") == one("Logged Out", "Idle") == (0, 0, 0)


def test_titles() -> None:
    queues = VIEW.queues
    assert title("support@default", queues[:1]) == ""
    assert title("support@default", queues) == "support"
    assert title("@odd", queues) == "@odd"
