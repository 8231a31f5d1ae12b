"""A web call as it stands on the bus, and back. Pure."""

from call_control.web.facts import WebCall
from lampfield_bus.instants import parse, rfc3339
from lampfield_bus.messages import ControlCall

__all__ = ["restored", "told"]


def told(call: WebCall) -> ControlCall:
    """What `control/<node>/call/<id>` says of it. A call that has begun is `ringing`: nobody has answered."""
    return ControlCall(
        id=call.id,
        kind=call.kind,
        from_=call.caller,
        to=call.callee,
        state="ringing" if call.state == "starting" else call.state,
        started_at=rfc3339(call.started_at),
        answered_at=None if call.answered_at is None else rfc3339(call.answered_at),
        outcome=call.outcome,
    )


def restored(call: ControlCall) -> WebCall:
    """What an earlier run knew of it. Whose it was FreeSWITCH knows; a guest's token is gone. Raises ValueError."""
    if call.kind == "ivr":
        raise ValueError("a flow's call")
    answered_at = None if call.answered_at is None else parse(call.answered_at)
    return WebCall(
        id=call.id,
        kind=call.kind,
        owner="",
        caller=call.from_,
        callee=call.to,
        state="unknown",
        started_at=parse(call.started_at),
        picked_up_at=answered_at,
        answered_at=answered_at,
        rang=True,
        seen=True,
    )
