"""mod_httapi's part of the service: routes, and its place in the process. Shell."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from call_control.flows.turns import Show, Upload
from call_control.httapi.aside import Aside
from call_control.httapi.calls import Calls, Ended, Job, Reply, World
from call_control.httapi.form import FileBegan, FileEnded, Form
from call_control.httapi.gate import Gate
from call_control.httapi.library import Library
from call_control.httapi.profiles import permissions
from call_control.httapi.recordings import Recording, Recordings
from call_control.httapi.request import MAX_BODY, parse, query
from call_control.httapi.request import Request as Question
from call_control.parts import Place
from call_control.report import Counts
from call_control.switches import FILTERS, Switches
from lampfield_bus.channels import CHANNELS
from lampfield_bus.messages import Notify
from lampfield_bus.node.arrivals import Arrival, Message, ReadingEnded
from lampfield_bus.node.run import LogOnce, Now

__all__ = ["Httapi"]

FLOW_SECONDS: Final = 2.0  # that a flow of somebody's own code may take; FreeSWITCH waits `timeout` of its profile
MIB: Final = 2**20
GROUP_NOTIFY: Final = next(row for row in CHANNELS if row.name == "group_cmd_notify")

_log = logging.getLogger(__name__)


class Httapi:
    """Answers FreeSWITCH. Raises ValueError for settings that only show their fault when used."""

    filters: Sequence[str] = FILTERS

    def __init__(self, place: Place) -> None:
        settings = place.settings
        self._place = place
        self._values = settings.values
        self._zone = settings.zone  # asks the file system
        self._library = Library(settings.flows_dir, self._values)
        self._calls = Calls(self._library.find, permissions(settings.httapi_conf))
        secret = settings.httapi_secret
        self._gate = Gate(settings.networks, "" if secret is None else secret.get_secret_value())
        self._recordings = Recordings(
            settings.recordings_dir, each=settings.recording_mib * MIB, all_=settings.recordings_mib * MIB
        )
        self._switches = Switches()
        self._aside = Aside()
        self._once = LogOnce(_log)
        self._documents = self._refused = 0
        self.router = APIRouter(include_in_schema=False)  # this is FreeSWITCH's protocol, not ours
        for path in ("/httapi/{flow}", "/httapi/{secret}/{flow}"):
            self.router.add_api_route(path, self._answer, methods=["GET", "POST"], response_model=None)

    @property
    def counts(self) -> Counts:
        """For `health`."""
        return Counts(self._documents, self._refused)

    def hear(self, arrival: Arrival, now: Now) -> None:
        """What the switches say; and the calls that an earlier run has left, of which nobody will tell the end."""
        try:
            self._switches.hear(arrival, now.wall - now.stepped)  # by the clock as it was: `tick` says that it was set
        except ValueError as error:
            topic = arrival.topic if isinstance(arrival, Message) else ""
            self._once.warning((topic, str(error)), "%s: dropped: %s", topic, error)
        if isinstance(arrival, ReadingEnded):
            for call in self._place.register.orphans("ivr"):
                self._tell(Reply(None, ended=Ended(call, None)))

    def tick(self, now: Now) -> None:
        """Lets go of calls whose FreeSWITCH is gone. A clock that was set makes no call old."""
        if now.stepped:
            self._calls.shifted(now.stepped)
            self._switches.step(now.stepped)
        for ended in self._calls.tick(now.wall):
            _log.warning("call %s: nothing heard for hours: it is over", ended.call.id)
            self._tell(Reply(None, ended=ended))

    async def run(self) -> None:
        """Says what is served; then has nothing to do beside answering."""
        self._library.tell()
        await asyncio.Event().wait()

    async def _answer(self, request: Request, flow: str, secret: str = "") -> Response:
        address = request.client.host if request.client else ""
        refusal = self._gate.refusal(address, secret, request.headers.get("authorization", ""))
        if refusal is not None:
            self._once.warning(refusal, "refused: %s", refusal)
            return self._refuse(403, "who asks may not")
        try:
            question = await self._question(request)
        except ClientDisconnect:
            return self._refuse(400, "gone")
        except ValueError as error:
            self._once.warning(("bad", str(error)), "a request for %s that is none: it %s", flow, error)
            return self._refuse(400, str(error))
        reply = await self._ask(flow, question)
        if reply.fault:
            self._once.warning((flow, reply.fault), "call %s: %s", question.session, reply.fault)
        self._tell(reply)
        if reply.xml is None:
            return self._refuse(404 if self._library.find(flow) is None else 503, "the dialplan goes on")
        self._documents += 1
        return Response(reply.xml, media_type="text/xml")

    def _refuse(self, status: int, why: str) -> Response:
        self._refused += 1
        return Response(f"{why}\n", status, media_type="text/plain")

    async def _question(self, request: Request) -> Question:
        parameters = query(request.url.query)
        kind = request.headers.get("content-type", "")
        if kind.startswith("multipart/"):
            form = Form(kind)
            uploads = await self._receive(request, form)
            return parse([*form.parameters, *parameters], uploads)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                raise ValueError(f"has more than {MAX_BODY} bytes of parameters")
        return parse([*query(body.decode("utf-8", "replace")), *parameters])

    async def _receive(self, request: Request, form: Form) -> list[Upload]:
        """Reads a multipart body to its end: recordings go to the disk as they come."""
        uploads: list[Upload] = []
        coming: Recording | None = None
        try:
            async for chunk in request.stream():
                for event in form.feed(chunk):
                    if isinstance(event, FileBegan):
                        session = next((value for name, value in form.parameters if name == "session_id"), "")
                        coming = await asyncio.to_thread(
                            self._recordings.begin, session, event.name, self._place.wall()
                        )
                    elif coming is None:
                        continue
                    elif isinstance(event, FileEnded):
                        uploads.append(await asyncio.to_thread(coming.finish))
                        coming = None
                    else:
                        await asyncio.to_thread(coming.write, event)
            form.close()
        finally:
            if coming is not None:
                await asyncio.to_thread(coming.abandon)
        return uploads

    async def _ask(self, flow: str, question: Question) -> Reply:
        at = self._place.wall()
        world = World(self._switches.live(at), self._values, self._zone)
        taken = self._calls.take(flow, question, at, world)
        if not isinstance(taken, Job):
            return taken
        if not self._library.is_slow(taken.name):
            return self._calls.finish(taken.run())
        try:
            return self._calls.finish(await self._aside.run(taken.run, FLOW_SECONDS))
        except TimeoutError:
            why = f"{taken.name}: does not answer within {FLOW_SECONDS:.0f} s"
            _log.error("%s: it is not served any more, until this service is started again", why)
            self._library.withdraw(taken.name, why)
            return self._calls.give_up(taken, f"does not answer within {FLOW_SECONDS:.0f} s")

    def _tell(self, reply: Reply) -> None:
        register = self._place.register
        for show in reply.shows:
            self._show(show)
        if reply.told is not None:
            self._place.send(register.tell(reply.told))
        if reply.ended is not None:
            self._place.send(register.end(reply.ended.call, cause=reply.ended.cause))

    def _show(self, show: Show) -> None:
        notify = Notify(text=show.text, id=show.id, priority=show.priority, seconds=show.seconds, icon=show.icon)
        self._place.send([GROUP_NOTIFY.publication(GROUP_NOTIFY.topic(show.group), notify)])
