"""Measures: the publisher's numbers by their names."""

from esl_publisher.decode import Event, decode
from esl_publisher.measures import NAMES_BOUND, OTHER, Readings, Tally, measures
from lampfield_bus.node.measures import Family, LinkCounts


def told(tally: Tally) -> dict[str, Family]:
    link = LinkCounts(True, 1, 2, 3, 4, 5, 6, 7)
    readings = Readings(esl_up=True, queue=8, dropped=9, calls={"ringing": 1, "active": 2}, link=link)
    return {one.name: one for one in measures(tally, readings) if isinstance(one, Family)}


def test_events_are_told_apart_by_name_up_to_a_bound() -> None:
    tally = Tally()
    tally.met(Event(name=f"E{number}") for number in range(NAMES_BOUND + 5))
    tally.met([Event(name="E0")])
    values = told(tally)["lampfield_esl_events"].values
    assert (values["E0"], values[OTHER]) == (2, 5)
    assert len(values) == NAMES_BOUND + 1


def test_a_custom_event_is_known_by_its_subclass() -> None:
    tally = Tally()
    body = b'{"Event-Name":"CUSTOM","Event-Subclass":"sofia::register"}'
    tally.met([decode(body), Event(name="CUSTOM")])
    assert tally.events == {"sofia::register": 1, "CUSTOM": 1}


def test_what_is_read_elsewhere_keeps_its_name() -> None:
    tally = Tally()
    tally.connections, tally.undecodable, tally.failed_resyncs = 10, 11, 12
    found = {name: one.values.get("") for name, one in told(tally).items()}
    assert found["lampfield_esl_up"] == 1
    assert found["lampfield_esl_queue_events"] == 8
    assert found["lampfield_esl_events_dropped"] == 9
    assert found["lampfield_esl_connections"] == 10
    assert found["lampfield_esl_events_undecodable"] == 11
    assert found["lampfield_resyncs_failed"] == 12
    assert told(tally)["lampfield_calls"].values == {"ringing": 1, "active": 2}
    assert found["lampfield_mqtt_messages_published"] == 3
