"""The desk without HTTP: what is particular to it. Everything that a client meets is in test_api.py."""

import asyncio
from pathlib import Path

import pytest

from call_control.web import desk as module
from call_control.web.allow_list import AllowList
from call_control.web.audit import Audit
from call_control.web.calls import WebCalls
from call_control.web.desk import Desk, Rules, Visitor
from call_control.web.dialer import Order
from call_control.web.facts import Requested, WebCall
from call_control.web.feed import Feed
from call_control.web.models import NewCall
from call_control.web.tokens import Grant

RULES = Rules(AllowList.parse(["1000"]), AllowList.parse(["1001"]), (), AllowList.parse(["1000"]), 60, 30, 10, 4, 30, 5)
VISITOR = Visitor(Grant("reception", frozenset({"calls:create"})), "192.0.2.7")


class Line:
    """Takes every order."""

    def __init__(self, calls: WebCalls) -> None:
        self.calls = calls
        self.orders: list[Order] = []

    async def call(self, order: Order) -> WebCall:
        self.orders.append(order)
        self.calls.receive(Requested(order.id, "job", order.owner, order.caller.digits, order.callee), 0)
        await asyncio.sleep(0)
        return self.calls.live[-1]

    def end(self, call: str) -> None: ...

    async def invite(self, owner: str, callee: str, token: str, seconds: int) -> int:
        return 0


def desk(tmp_path: Path) -> tuple[Desk, Line]:
    calls = WebCalls(ring_seconds=30, max_seconds=600, max_live=4, max_guests=4)
    line = Line(calls)
    made = Desk(
        RULES, calls, line, Feed("run"), Audit(tmp_path / "audit", lambda: 0), lambda: 0, lambda: "id", lambda: "0" * 32
    )
    return made, line


def test_without_caller_ids_the_first_phone_s_number_is_shown(tmp_path: Path) -> None:
    made, line = desk(tmp_path)
    asyncio.run(made.start(VISITOR, NewCall.model_validate({"from": "1000", "to": "1001"}), None))
    assert [order.caller_id for order in line.orders] == ["1000"]


def test_a_watcher_who_does_not_keep_up_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_UNREAD", 2)
    call = WebCall(id="a", kind="click", owner="reception", caller="1", callee="2", state="ringing", started_at=0)

    async def main() -> int:
        made, _ = desk(tmp_path)
        changes = made.watch(VISITOR, None, None)
        reading = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        for _ in range(9):
            made.tell(call)
        told = [await reading]
        told += [change async for change in changes]
        return len(told)

    assert asyncio.run(main()) <= 3
