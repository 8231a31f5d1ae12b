"""The process's wiring: two links with names of their own, and a loop that ends when told to."""

from home_assistant.app import App
from home_assistant.settings import Settings
from lampfield_bus.node.inbox import Inbox


def test_both_links_have_names_and_roots_of_their_own() -> None:
    app = App(Settings(node="east"), Inbox())
    here, there = app._bus._config, app._discovery._config
    assert (here.client_id, here.root) == ("lampfield-home-assistant-east", "lampfield/v1")
    assert (there.client_id, there.root) == ("lampfield-home-assistant-east-discovery", "homeassistant")
    assert (here.fence, here.availability) == ("home-assistant/east/fence", None)
    assert (there.fence, there.availability) == ("lampfield/east/fence", "lampfield/east/availability")


def test_a_name_that_no_topic_can_carry_as_it_is_is_encoded_on_both_sides() -> None:
    app = App(Settings(node="a+b/c"), Inbox())
    assert app._bus._config.fence == "home-assistant/a%2Bb%2Fc/fence"
    assert app._discovery._config.fence == "lampfield/a%2Bb%2Fc/fence"


def test_a_visitor_takes_nobody_over() -> None:
    app = App(Settings(), Inbox(), suffix="x")
    assert app._bus._config.client_id == "lampfield-home-assistant-main-x"
    assert app._discovery._config.availability is None


def test_without_a_broker_doctor_and_forget_give_up_in_time() -> None:
    settings = Settings(mqtt_port=1)
    assert not App(settings, Inbox()).look(0.3)
    assert App(settings, Inbox()).clear(0.3) is None
