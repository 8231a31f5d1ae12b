"""The tree of what a caller can reach, and what the profile denies on the way."""

from msgspec import structs

from call_control.documents.actions import Conference, Playback, Record, Transfer, answer, digits, keys
from call_control.documents.permissions import EVERYTHING, SHIPPED, Names
from call_control.flows.tree import explored, written
from call_control.flows.turns import Call, Count, Flow, Show
from call_control.flows.written import Written, loaded


def flow(text: str) -> Written:
    found = loaded(text.encode(), "f.yaml")
    assert found.flow is not None, found.faults
    return found.flow


def test_a_written_flow_is_told_step_by_step() -> None:
    text = """\
values: {sales: "1001", code: "4711"}
hours: {office: mon-fri 08:00-18:00}
steps:
  office: {hours: office, next: code, otherwise: closed}
  code: {ask: a.wav, digits: 4, equals: "{code}", next: menu, otherwise: closed}
  menu: {menu: m.wav, keys: {"1": sales, "9": menu}, otherwise: closed}
  sales: {dial: "{sales}"}
  closed: {play: c.wav}
"""
    assert written(flow(text), SHIPPED).tree == [
        "office: hours office",
        "  open: code: ask a.wav",
        "    then: menu: menu m.wav",
        "      key 1: sales: dial 1001",
        "      key 9: menu (as above)",
        "      else: closed: play c.wav",
        "        then: hangs up",
        "    else: closed (as above)",
        "  closed: closed (as above)",
    ]


def test_every_step_is_held_to_the_profile() -> None:
    text = 'steps:\n  a: {menu: m.wav, keys: {"1": b, "2": c}}\n  b: {queue: q}\n  c: {set: {x: y}, next: d}\n'
    text += '  d: {dial: "1"}\n'
    assert written(flow(text), EVERYTHING).faults == []
    bare = structs.replace(SHIPPED, applications=Names(False), dial=False)
    found = written(flow(text), bare).faults
    assert any(each.startswith("steps.b: 2. execute: callcenter is denied") for each in found)
    assert any(each.startswith("steps.c: variables: are denied") for each in found)
    assert any(each.startswith("steps.d: 2. dial: is denied") for each in found)


def test_a_number_that_the_caller_chooses_is_tried_too() -> None:
    text = 'steps:\n  a: {ask: a.wav, digits: 4, into: n, next: b}\n  b: {dial: "{n}", within: 1000-1019}\n'
    found = written(flow(text), structs.replace(SHIPPED, dial=False)).faults
    assert any("steps.b: 2. dial: is denied" in each for each in found)


def programmed(call: Call) -> Flow:
    heard = yield [answer(), Playback(file="a.wav", name="c", binds=keys("12"))]
    if heard.digits == "1":
        yield Show(text="HELLO")
        counted = yield Count()
        if counted.calls is None:
            yield [Conference(room="x")]
    elif heard.digits == "2":
        heard = yield [Playback(file="n.wav", name="n", binds=digits(4, 4, end=""))]
        recorded = yield [Record()]
        if recorded.upload:
            yield [Transfer(to=heard.digits or call.values["operator"])]


def test_a_programmed_flow_is_found_by_calling_it() -> None:
    found = explored(programmed, EVERYTHING, {"operator": "0"})
    assert found.faults == []
    assert found.tree == [
        "execute answer, playback a.wav",
        "  key 1: show HELLO on all",
        "    then: count calls",
        "      3 calls: hangs up",
        "      nobody knows: conference x",
        "        then: hangs up",
        "  key 2: playback n.wav",
        "    digits 1000: record message.wav",
        "      recorded: transfer 1000",
        "      not stored: hangs up",
        "    digits 4711: record message.wav",
        "      recorded: transfer 4711",
        "      not stored: hangs up",
        "    nothing: record message.wav",
        "      recorded: transfer 0",
        "      not stored: hangs up",
        "  nothing: hangs up",
    ]


def test_what_it_raises_and_what_is_denied_is_said() -> None:
    found = explored(programmed, SHIPPED, {})
    assert any("KeyError: 'operator'" in each for each in found.faults)
    assert any("conference: is denied" in each for each in found.faults)


def test_one_that_never_ends_is_told_in_part() -> None:
    def endless(_: Call) -> Flow:
        while True:
            yield [Playback(file="a.wav", name="c", binds=keys("12"))]

    tree = explored(endless, EVERYTHING, {}).tree
    assert "and more" in tree[-1]
    assert any("... and deeper" in line for line in tree)
