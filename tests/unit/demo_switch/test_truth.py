import json

from demo_switch.truth import truth
from support.demo_switch import Diary


def test_the_truth_is_what_a_person_would_count() -> None:
    diary = Diary(seed=3, rate=30)
    for _ in range(300):
        diary.live(1)
        told = json.loads(truth(diary.pbx))
        calls = told["calls"]
        assert (
            calls["total"]
            == len(told["call"])
            == sum(calls[state] for state in ("ringing", "waiting", "active", "held"))
        )
        assert told["totals"]["started"] == calls["total"] + sum(
            told["totals"][outcome] for outcome in ("answered", "missed", "failed")
        )
        assert told["queue"]["waiting"] <= calls["waiting"]
        assert len(told["legs"]) >= calls["total"]
        if told["conference"] and told["conference"]["members"] > 1:
            assert told["conference"]["members"] <= calls["active"]


def test_an_idle_switch_has_phones_agents_and_nothing_else() -> None:
    told = json.loads(truth(Diary(rate=0).pbx))
    assert told["calls"] == {"ringing": 0, "waiting": 0, "active": 0, "held": 0, "total": 0}
    assert (told["call"], told["legs"], told["conference"], told["mailboxes"]) == ([], [], None, {})
    assert len(told["registrations"]) == 19
    assert {agent["status"] for agent in told["agents"].values()} == {"Available"}
    assert told["gateway_up"] is True
