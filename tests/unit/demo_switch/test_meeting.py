from support.demo_switch import Diary


def test_the_first_opens_the_room_and_the_last_closes_it() -> None:
    diary = Diary(rate=0)
    diary.day.begin("conference")
    diary.live(15)
    room = diary.pbx.conference
    assert room is not None
    assert len(room.members) == len(diary.pbx.calls) >= 2
    assert {call.state for call in diary.pbx.calls.values()} == {"active"}
    diary.live(120)
    assert diary.pbx.conference is None
    assert diary.pbx.calls == {}
    told = [event for event in diary.events if event.subclass == "conference::maintenance"]
    actions = [event.header("Action") for event in told]
    assert (actions[0], actions.count("conference-create")) == ("conference-create", 1)
    assert (actions[-1], actions.count("conference-destroy")) == ("conference-destroy", 1)
    assert actions.count("add-member") == actions.count("del-member") == diary.pbx.counts["answered"]
    assert len({event.header("Conference-Unique-ID") for event in told}) == 1


def test_whoever_is_alone_in_the_room_waits() -> None:
    diary = Diary(rate=0)
    diary.day.begin("conference")
    seen = set()
    for _ in range(200):
        diary.live(1)
        states = sorted(call.state for call in diary.pbx.calls.values())
        seen.add((len(states), *sorted(set(states))))
    assert (1, "waiting") in seen
    assert seen <= {(0,), (1, "waiting"), (2, "active"), (3, "active"), (4, "active")}


def test_members_have_numbers_of_their_own_and_the_size_is_told() -> None:
    diary = Diary(rate=0)
    diary.day.begin("conference")
    diary.live(15)
    joined = [event for event in diary.events if event.header("Action") == "add-member"]
    assert [event.header("Member-ID") for event in joined] == [str(number) for number in range(1, len(joined) + 1)]
    assert [event.header("Conference-Size") for event in joined] == [
        str(number) for number in range(1, len(joined) + 1)
    ]
