"""Things that a view holds, made in a few words. Shared by the tests of values, widgets and the gallery."""

from itertools import count
from typing import Final, Literal

from lampfield_bus.messages import Agents, QueueToday, Voicemail
from led_renderer.view import Agent, Ended, Gateway, Lamp, Queue, Today

AT: Final = 1_796_052_480_000  # Mon 2026-11-30 15:28:00 in UTC: all phases are in their first part


def queue(
    name: str = "support",
    *,
    waiting: int = 0,
    longest_wait_since: int | None = None,
    talking: int = 1,
    available: int = 2,
    on_call: int = 1,
    on_break: int = 1,
) -> Queue:
    """A queue of a usual day: 64 callers so far."""
    return Queue(
        name=name,
        waiting=waiting,
        longest_wait_since=longest_wait_since,
        talking=talking,
        agents=Agents(available=available, on_call=on_call, on_break=on_break, logged_out=2),
        today=QueueToday(
            date="2026-11-30", complete=True, offered=64, answered=55, abandoned=6, answered_within_sla=48,
            abandoned_within_sla=4, wait_seconds=812.504, talk_seconds=9_120.75, longest_wait=71.208,
        ),
    )  # fmt: skip


def today(*, answered: int = 171, missed: int = 29, failed: int = 10, complete: bool = True) -> Today:
    """A day so far."""
    return Today(
        date="2026-11-30", complete=complete, started=answered + missed + failed, answered=answered, missed=missed,
        failed=failed, talk_seconds=523.9, peak=9,
    )  # fmt: skip


def gateway(name: str, *, up: bool, since: int = 0) -> Gateway:
    """A gateway that is up or down since then."""
    return Gateway(name=name, state="REGED" if up else "FAIL_WAIT", up=up, since=since)


def ended(
    call: str, at: int, outcome: Literal["answered", "missed", "failed"] = "missed", callee: str = "1000"
) -> Ended:
    """A call that ended."""
    return Ended(id=call, ended_at=at, caller="0301", callee=callee, outcome=outcome, cause="NO_ANSWER")


def mailbox(extension: str, new: int | None) -> Lamp:
    """An extension with so much new voicemail; None: not told yet."""
    return Lamp(extension, voicemail=None if new is None else Voicemail(new=new, saved=0))


def agents(*, available: int = 0, on_call: int = 0, on_break: int = 0) -> tuple[Agent, ...]:
    """So many agents of each kind, and one who is not at work."""
    numbers = count(1001)
    kinds = [("Available", "Waiting")] * available + [("Available", "In a queue call")] * on_call
    kinds += [("On Break", "Waiting")] * on_break + [("Logged Out", "Waiting")]
    return tuple(Agent(name=f"{next(numbers)}@default", status=status, state=state) for status, state in kinds)


def finished(
    caller: str,
    callee: str,
    outcome: Literal["answered", "missed", "failed"] = "answered",
    cause: str = "NORMAL_CLEARING",
    status: int | None = 200,
) -> Ended:
    """A call that is over."""
    return Ended(
        id=f"{caller}-{callee}",
        ended_at=AT,
        caller=caller,
        callee=callee,
        outcome=outcome,
        cause=cause,
        sip_status=status,
    )
