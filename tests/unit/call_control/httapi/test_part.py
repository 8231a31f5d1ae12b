"""The routes: who is let in, what is no request, uploads on their way to the disk, and a flow that hangs."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from call_control.httapi import part as part_module
from call_control.httapi.part import Httapi
from call_control.parts import Place
from call_control.pretend import Recorded, encoded
from call_control.register import Register
from call_control.settings import Settings
from call_control.site import site
from lampfield_bus.examples import EXAMPLES
from lampfield_bus.messages import Calls, ControlCall, Publication, encode
from lampfield_bus.node.arrivals import Arrival, Message, ReadingBegan, ReadingEnded
from lampfield_bus.node.life import LOST_MS
from lampfield_bus.node.run import Now
from support.home_assistant import SWITCH, health
from support.httapi import WAV, multipart

FORM = "application/x-www-form-urlencoded"
SECRET = "0123456789abcdef"
NOW = Now(1_795_392_000_000, 0, 0)
RECORD = "steps: {a: {record: file, next: b, otherwise: c}, b: {show: 'kept {file}'}, c: {show: lost}}"
COUNT = "steps: {a: {count: calls, into: n, next: b, otherwise: c}, b: {show: '{n} live'}, c: {show: nobody knows}}"
HANGS = """\
import threading
from call_control.documents.actions import Pause
def flow(call):
    threading.Event().wait(1 if call.number == "slow" else 0)
    if call.number == "slow":
        yield [Pause()]
"""


class House:
    """The part in its application, asked as an ASGI server would ask it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        (folder / "flows").mkdir()
        (folder / "kept").mkdir()
        self.kept = folder / "kept"
        self.told: list[Publication] = []
        self.register = Register("main")
        given = {"flows_dir": folder / "flows", "recordings_dir": self.kept, **settings}
        (folder / "flows" / "record.yaml").write_text(RECORD)
        (folder / "flows" / "count.yaml").write_text(COUNT)
        (folder / "flows" / "hangs.py").write_text(HANGS)
        place = Place(Settings(**given), self.register, self.told.extend, lambda: NOW.wall)
        self.part = Httapi(place)
        self._app = site([self.part])

    def ask(
        self,
        path: str,
        body: bytes = b"",
        kind: str = FORM,
        *,
        method: str = "POST",
        query: str = "",
        peer: str = "127.0.0.1",
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        return asyncio.run(self._ask(path, body, kind, method, query, peer, headers or {}))

    async def _ask(
        self, path: str, body: bytes, kind: str, method: str, query: str, peer: str, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        sent: list[dict[str, Any]] = []
        size = 100 if len(body) < 100_000 else 65_536
        chunks = [body[start : start + size] for start in range(0, len(body), size)] or [b""]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

        async def send(message: Any) -> None:
            sent.append(message)

        raw = {"content-type": kind, **headers}
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in raw.items()], "client": (peer, 1),
            "server": ("127.0.0.1", 8081), "scheme": "http", "http_version": "1.1", "root_path": "",
        }  # fmt: skip
        app: Callable[..., Awaitable[None]] = self._app
        await app(scope, receive, send)
        return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])

    def notes(self) -> list[str]:
        """What was shown on displays."""
        return [json.loads(each.payload)["text"] for each in self.told if each.topic.endswith("/cmd/notify")]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def fields(session: str = "s", *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [("session_id", session), ("httapi_profile", "lampfield"), ("Caller-Caller-ID-Number", "1000"), *more]


def form(*more: tuple[str, str], session: str = "s") -> bytes:
    return encoded(fields(session, *more)).encode()


def test_a_document_by_post_and_by_get(house: House) -> None:
    status, body = house.ask("/httapi/announcement", form())
    assert (status, body[:9]) == (200, b"<document")
    status, body = house.ask("/httapi/announcement", method="GET", query=form(session="t").decode())
    assert (status, body[:9]) == (200, b"<document")
    assert house.part.counts.documents == 2
    assert [each.topic for each in house.told] == ["control/main/call/s", "control/main/call/t"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/httapi/nowhere", 404), ("/httapi/board", 404), ("/httapi/announcement/more/x", 404), ("/elsewhere", 404)],
)
def test_a_flow_that_is_not_served_goes_on_in_the_dialplan(house: House, path: str, status: int) -> None:
    assert house.ask(path, form())[0] == status


def test_who_may_not_is_told_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, httapi_allow="127.0.0.1,192.0.2.0/24", httapi_secret=SECRET)
    assert house.ask("/httapi/announcement", form())[0] == 403
    assert house.ask("/httapi/wrong/announcement", form())[0] == 403
    assert house.ask(f"/httapi/{SECRET}/announcement", form(), peer="10.0.0.1")[0] == 403
    assert (
        house.ask("/httapi/announcement", form(), headers={"x-forwarded-for": "127.0.0.1"}, peer="10.0.0.1")[0] == 403
    )
    assert house.part.counts.refused == 4
    assert house.told == []
    assert house.ask(f"/httapi/{SECRET}/announcement", form(), peer="192.0.2.7")[0] == 200
    basic = {"authorization": "Basic bGFtcGZpZWxkOjAxMjM0NTY3ODlhYmNkZWY="}
    assert house.ask("/httapi/announcement", form(session="t"), headers=basic)[0] == 200


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        (b"", FORM, b"after a redirect FreeSWITCH sends nothing"),
        (b"a=b", FORM, b"no session_id"),
        (b"x" * 300_000, FORM, b"more than 262144 bytes"),
        (b"", "multipart/form-data", b"is no multipart/form-data"),
        (b"--x\r\n", "multipart/form-data; boundary=x", b""),
    ],
)
def test_what_is_no_request_is_refused_and_the_service_lives(house: House, body: bytes, kind: str, said: bytes) -> None:
    status, answer = house.ask("/httapi/announcement", body, kind)
    assert status == 400
    assert said in answer
    assert house.ask("/httapi/announcement", form())[0] == 200


@pytest.mark.parametrize("exiting", [False, True])
def test_a_recording_is_stored_and_its_flow_is_told(house: House, *, exiting: bool) -> None:
    house.ask("/httapi/record", form())
    more = [("exiting", "true")] if exiting else []
    kind, body = multipart(fields("s", *more), [(Recorded("attached_file", "x_message.wav"), WAV * 50)])
    assert house.ask("/httapi/record", body, kind)[0] == 200
    (stored,) = house.kept.iterdir()
    assert stored.read_bytes() == WAV * 50
    assert house.notes() == [f"kept {stored.name}"]


def test_a_recording_that_is_too_long_costs_itself(tmp_path: Path) -> None:
    house = House(tmp_path, recording_mib=1)
    house.ask("/httapi/record", form())
    kind, body = multipart(fields(), [(Recorded("attached_file", "x_message.wav"), b"x" * (2**20 + 1))])
    assert house.ask("/httapi/record", body, kind)[0] == 200
    assert list(house.kept.iterdir()) == []
    assert house.notes() == ["lost"]


def test_an_upload_that_breaks_off_leaves_nothing(house: House) -> None:
    house.ask("/httapi/record", form())
    kind, body = multipart(fields(), [(Recorded("attached_file", "x_message.wav"), WAV * 50)])
    assert house.ask("/httapi/record", body[:-400], kind)[0] == 400
    assert list(house.kept.iterdir()) == []


def test_a_flow_that_hangs_is_given_up_and_others_go_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_module, "FLOW_SECONDS", 0.1)
    body = encoded([("session_id", "s"), ("httapi_profile", "lampfield"), ("Caller-Caller-ID-Number", "slow")]).encode()

    async def both() -> tuple[tuple[int, bytes], tuple[int, bytes]]:
        slow = asyncio.create_task(house._ask("/httapi/hangs", body, FORM, "POST", "", "127.0.0.1", {}))
        await asyncio.sleep(0)
        quick = await house._ask("/httapi/announcement", form(session="q"), FORM, "POST", "", "127.0.0.1", {})
        return await slow, quick

    slow, quick = asyncio.run(both())
    assert (slow[0], quick[0]) == (404, 200)
    assert house.ask("/httapi/hangs", form(session="u"))[0] == 404


def test_a_flow_of_somebody_s_own_code_is_answered(house: House) -> None:
    assert house.ask("/httapi/hangs", form())[1].endswith(b"<hangup /></work></document>")


def test_the_end_of_a_call_is_told(house: House) -> None:
    house.ask("/httapi/announcement", form())
    house.ask("/httapi/announcement", form(("exiting", "true"), ("variable_hangup_cause", "NORMAL_CLEARING")))
    assert [each.topic for each in house.told[-2:]] == ["control/main/call/s", "control/main/event/call/ended"]
    assert json.loads(house.told[-1].payload)["cause"] == "NORMAL_CLEARING"


def test_what_an_earlier_run_left_is_over(house: House) -> None:
    left = ControlCall(
        id="old", kind="ivr", from_="1", to="2", state="waiting", started_at="2026-11-22T23:11:53.341Z",
        answered_at=None, outcome=None,
    )  # fmt: skip
    for arrival in (ReadingBegan(), Message("control/main/call/old", encode(left)), ReadingEnded(True)):
        house.register.hear(arrival)
        house.part.hear(arrival, NOW)
    assert [(each.topic, bool(each.payload)) for each in house.told] == [
        ("control/main/call/old", False),
        ("control/main/event/call/ended", True),
    ]


def test_a_clock_that_is_set_ends_no_call(house: House) -> None:
    house.ask("/httapi/announcement", form())
    house.part.tick(Now(NOW.wall + 10**9, 0, 10**9))
    assert house.told[-1].payload
    house.part.tick(Now(NOW.wall + 2 * 10**9, 0, 0))
    assert house.told[-1].topic.endswith("/event/call/ended")


def switch(*health: Message) -> list[Arrival]:
    """A reading: a switch with three calls, that has said its health or not yet."""
    calls = structs.replace(EXAMPLES[Calls], total=3)
    told = [Message("switch/main/info", SWITCH, retain=True), Message("switch/main/calls", encode(calls), retain=True)]
    return [ReadingBegan(), *told, *health, ReadingEnded(True)]


@pytest.mark.parametrize(("age", "shown"), [(LOST_MS - 1, "3 live"), (LOST_MS, "nobody knows")])
@pytest.mark.parametrize("step", [-3_600_000, 3_600_000])
def test_a_health_that_comes_as_the_clock_is_set_is_as_old_as_it_is(
    house: House, age: int, step: int, shown: str
) -> None:
    turn = Now(NOW.wall - age, 0, step)
    for arrival in switch():
        house.part.hear(arrival, Now(turn.wall - step, 0, 0))
    house.part.hear(Message("switch/main/health", health(turn.wall)), turn)
    house.part.tick(turn)
    house.ask("/httapi/count", form())
    assert house.notes() == [shown]


def test_a_message_that_cannot_be_read_is_logged_once_and_dropped(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    bad = Message("switch/main/health", health(NOW.wall).replace(b"2026-", b"soon-"))
    for arrival in (*switch(Message("switch/main/health", health(NOW.wall), retain=True)), bad, bad):
        house.part.hear(arrival, NOW)
    house.ask("/httapi/count", form())
    assert house.notes() == ["3 live"]
    assert [each.getMessage().split(": ")[:2] for each in caplog.records] == [["switch/main/health", "dropped"]]


def test_it_has_a_place_in_the_process(house: House) -> None:
    async def run() -> None:
        working = asyncio.create_task(house.part.run())
        await asyncio.sleep(0)
        house.part.tick(NOW)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)

    asyncio.run(run())
