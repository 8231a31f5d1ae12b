"""lampfield_bus.examples."""

from lampfield_bus import messages as m
from lampfield_bus.channels import CHANNELS, Plain
from lampfield_bus.examples import EXAMPLES


def test_every_model_of_the_table_has_an_example() -> None:
    models = {channel.payload for channel in CHANNELS if not isinstance(channel.payload, Plain)}
    assert models <= set(EXAMPLES)


def test_an_example_is_of_its_own_model() -> None:
    assert all(type(message) is model for model, message in EXAMPLES.items())


def test_the_example_of_calls_adds_up() -> None:
    calls = EXAMPLES[m.Calls]
    assert isinstance(calls, m.Calls)
    assert calls.total == calls.ringing + calls.waiting + calls.active + calls.held
