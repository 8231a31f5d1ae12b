import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esl_publisher.queue_tables import AgentRow, MemberRow, QueueTables, parse, queue_names
from support.captures import answer

NOT_LOADED = "-ERR callcenter_config Command not found!\n"


def captured(state: str) -> QueueTables:
    """The tables of a captured state."""
    return parse(
        queues=answer(f"{state}.callcenter_config_queue_list"),
        agents=answer(f"{state}.callcenter_config_agent_list"),
        tiers=answer(f"{state}.callcenter_config_tier_list"),
        members=[answer(f"{state}.callcenter_config_queue_list_members_support_default")],
    )


def test_the_captured_tables_are_read() -> None:
    tables = captured("queue_bridged")

    assert tables.queues == ("support@default",)
    assert tables.tiers == (("support@default", "1001@default"),)
    assert tables.agents == (
        AgentRow(
            name="1001@default",
            contact="[leg_timeout=10]user/1001@127.0.0.1",
            status="Available",
            state="In a queue call",
            changed_at=1_795_389_114_000,
        ),
    )
    assert tables.members == (
        MemberRow(
            queue="support@default",
            uuid="5a338e90-fa73-4200-a2e4-69f8a4a53e2b",
            session="28fa2a47-ef65-4b82-afd8-0ccb700fd62d",
            joined_at=1_795_389_113_000,
            answered_at=1_795_389_114_000,
            agent="1001@default",
            state="Answered",
            score=5,
        ),
    )


def test_a_member_who_is_offered_has_not_been_answered() -> None:
    (member,) = captured("queued").members

    assert (member.state, member.answered_at, member.agent) == ("Trying", 0, "1001@default")
    assert captured("queued").offering == (("support@default", "1001@default"),)
    assert captured("queue_bridged").offering == ()


def test_an_idle_queue_has_no_members() -> None:
    assert captured("idle").members == ()


def test_where_mod_callcenter_is_not_loaded_there_are_no_queues() -> None:
    assert parse(queues=NOT_LOADED, agents=NOT_LOADED, tiers=NOT_LOADED) == QueueTables()


@pytest.mark.parametrize("text", ["-ERR no reply\n", "-USAGE: …", "name|strategy\na|b\n"])
def test_what_is_no_table_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="callcenter_config queue list: no table"):
        queue_names(text)


def test_a_callers_name_with_pipes_moves_no_column() -> None:
    text = answer("queued.callcenter_config_queue_list_members_support_default")
    pestered = text.replace("|1000|1000|", "|1000|Bobby|Answered|0|+OK|")
    (row,) = parse(queues="+OK", agents="+OK", tiers="+OK", members=[text]).members

    assert pestered != text
    assert parse(queues="+OK", agents="+OK", tiers="+OK", members=[pestered]).members == (row,)


@pytest.mark.parametrize("separator", ["\u2028", "\x85", "\x0b", "\x1e", "\r"])
def test_a_callers_name_is_no_end_of_a_line(separator: str) -> None:
    text = answer("queued.callcenter_config_queue_list_members_support_default")
    named = text.replace("|1000|1000|", f"|1000|Ann{separator}Lee|")
    assert named != text

    assert parse(queues="+OK", agents="+OK", tiers="+OK", members=[named]).members == captured("queued").members


def test_an_agents_contact_may_have_several_targets() -> None:
    text = answer("queued.callcenter_config_agent_list").replace("user/1001@127.0.0.1", "user/1001|user/1002")
    (agent,) = parse(queues="+OK", agents=text, tiers="+OK").agents

    assert (agent.status, agent.state) == ("Available", "Receiving")


def test_rows_that_are_too_short_or_have_no_usable_name_are_left_out() -> None:
    assert queue_names("name|strategy|record_template\nshort\n|x|y\ngood|x|y\n+OK\n") == ("good",)


@given(st.text())
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse(queues=text, agents=text, tiers=text, members=[text])
