"""Which call a request is of, and where that call is in its flow. Pure: requests and time in, answers out.

FreeSWITCH names a call by `session_id` and keeps nothing else for us. A call that ended is remembered for a while,
because its end is told twice when the whole of it was recorded. One call may be in several flows, one after the other:
whoever a flow transfers to the number of another flow, and whom an agent of a queue sends back to the attendant.
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from call_control.documents.actions import Hangup, Prompt, Record, Transfer
from call_control.documents.build import FAREWELL, Document
from call_control.documents.permissions import SHIPPED, Permissions
from call_control.flows.conversation import Answer, Conversation
from call_control.flows.turns import Call, FlowError, Heard, Show, Source
from call_control.httapi.request import Request, heard
from lampfield_bus.instants import rfc3339
from lampfield_bus.messages import ControlCall

__all__ = ["Calls", "Ended", "Job", "Reply", "World"]

CALLS: Final = 2_000  # live at once; one more is refused, and the dialplan goes on
ENDED: Final = 2_000  # remembered, oldest forgotten first
IDLE_MS: Final = 4 * 3_600_000  # without a request: a caller may wait in a queue that long; then FreeSWITCH has died


class World(NamedTuple):
    """What is so outside of the call: how many calls are live (None: nobody knows), the values of flows, the zone."""

    calls: int | None
    values: Mapping[str, str]
    zone: ZoneInfo


class Ended(NamedTuple):
    """A call that is over, as it stood last."""

    call: ControlCall
    cause: str | None


class Reply(NamedTuple):
    """The answer to a request: a document, or None: an error, so that the dialplan goes on. What else follows."""

    xml: bytes | None
    told: ControlCall | None = None
    ended: Ended | None = None
    shows: tuple[Show, ...] = ()
    fault: str = ""  # why there is no document, or why the flow has ended


class Job(Struct):
    """A request that its flow has to answer: `run` may take as long as the flow does, in any thread."""

    name: str
    call: ControlCall
    conversation: Conversation
    heard: Heard
    at: int
    exiting: bool = False
    cause: str | None = None
    seen: int = 0
    profile_created: str = ""
    prompts: tuple[str, ...] = ()
    records: bool = False
    answer: Answer | None = None
    fault: str = ""

    def is_over_for(self, request: Request) -> bool:
        """Whether this request is of the application being run anew in the same call: another flow begins."""
        if request.exiting or not request.profile_created:  # enable-post-var leaves both out
            return False
        actions = self.answer.document.actions if self.answer else ()
        left = self.conversation.ended and not isinstance(actions[-1] if actions else None, Hangup)
        return left or request.profile_created != self.profile_created

    def run(self) -> "Job":
        """Asks the flow."""
        try:
            self.answer = self.conversation.next(self.heard)
        except FlowError as error:
            self.fault = f"{self.name}: {error}"
        return self


class Calls:
    """Every call in a flow. `flows` finds a flow by its name, `permissions` are those of each profile.

    A request is taken (`take`), which is answered at once or is a `Job`; when that has run, `finish` tells the answer.
    """

    def __init__(
        self,
        flows: Callable[[str], Source | None],
        permissions: Mapping[str, Permissions] | None = None,
        *,
        bound: int = CALLS,
        idle: int = IDLE_MS,
    ) -> None:
        self._flows = flows
        self._permissions = permissions or {}
        self._bound = bound
        self._idle = idle
        self._live: dict[str, Job] = {}  # the last job of each; the one that was asked for longest ago first
        self._running: set[str] = set()
        self._ended: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._live)

    def receive(self, name: str, request: Request, at: int, world: World) -> Reply:
        """`take`, `run` and `finish` in one, for flows that take no time."""
        taken = self.take(name, request, at, world)
        return self.finish(taken.run()) if isinstance(taken, Job) else taken

    def take(self, name: str, request: Request, at: int, world: World) -> Reply | Job:
        """A request for the flow called `name`."""
        session = request.session
        last = self._live.get(session)
        if session in self._running:
            return self._interrupt(session, request)
        if last is None:
            if request.exiting or session in self._ended:  # enable-post-var leaves `exiting` out
                return Reply(FAREWELL)
            return self._begin(name, request, at, world)
        if last.is_over_for(request):
            last.conversation.close()
            return self._begin(name, request, at, world, last.call)
        told = heard(request, last.prompts, at, world.calls)
        job = Job(last.name, last.call, last.conversation, told, at, request.exiting, request.cause, at)
        job.profile_created = last.profile_created
        if request.exiting and not (last.records and request.uploads):
            return self.finish(job)
        self._running.add(session)
        return job

    def finish(self, job: Job) -> Reply:
        """The answer, when the flow has given it."""
        session = job.call.id
        self._running.discard(session)
        shows = job.answer.shows if job.answer else ()
        if job.exiting or session in self._ended:  # whoever recorded a message and hung up has still left it
            return self._end(job, Reply(FAREWELL, shows=shows))
        if job.answer is None:
            return self._end(job, Reply(None, fault=job.fault))
        actions = job.answer.document.actions
        job.prompts = tuple(each.name for each in actions if isinstance(each, Prompt))
        job.records = any(isinstance(each, Record) for each in actions)
        job.call = _after(job.call, job.answer.document, job.at)
        self._live.pop(session, None)
        self._live[session] = job
        return Reply(job.answer.document.xml, job.call, shows=shows)

    def give_up(self, job: Job, fault: str) -> Reply:
        """The flow does not answer in time. What it may still say is not wanted any more."""
        self._running.discard(job.call.id)
        return self._end(job, Reply(None, fault=f"{job.name}: {fault}"))

    def _begin(
        self, name: str, request: Request, at: int, world: World, before: ControlCall | None = None
    ) -> Reply | Job:
        """A flow begins; `before`: the call as it stood when it left another one."""
        if before is None and len(self._live) + len(self._running) >= self._bound:
            return Reply(None, fault=f"{self._bound} calls are in flows: no more are taken")
        source = self._flows(name)
        if source is None:
            return Reply(None, fault=f"there is no flow {name!r}")
        caller = Call(
            id=request.session,
            number=request.number,
            name=request.name,
            destination=request.destination,
            at=at,
            zone=world.zone,
            answered=request.answered,
            values=world.values,
        )
        call = ControlCall(
            id=request.session,
            kind="ivr",
            from_=request.number,
            to=request.destination,
            state="waiting" if request.answered else "ringing",
            started_at=rfc3339(at),
            answered_at=rfc3339(at) if request.answered else None,
            outcome=None,
        )
        if before is not None:
            answered_at = before.answered_at or call.answered_at
            call = structs.replace(call, started_at=before.started_at, answered_at=answered_at)
        try:
            conversation = Conversation(source, caller, self._permissions.get(request.profile, SHIPPED))
        except FlowError as error:
            return Reply(None, fault=f"{name}: {error}")
        self._running.add(request.session)
        told = heard(request, (), at, world.calls)
        return Job(name, call, conversation, told, at, seen=at, profile_created=request.profile_created)

    def _interrupt(self, session: str, request: Request) -> Reply:
        """FreeSWITCH has not waited for the flow: it asks again while that still thinks."""
        if request.exiting:
            self._remember(session)
            return Reply(FAREWELL)
        return Reply(None, fault="another request of this call is being answered")

    def _end(self, job: Job, reply: Reply) -> Reply:
        session = job.call.id
        self._live.pop(session, None)
        self._remember(session)
        job.conversation.close()
        return reply._replace(ended=Ended(_over(job.call), job.cause))

    def tick(self, at: int) -> list[Ended]:
        """The calls that nothing was heard of for so long that their FreeSWITCH is gone."""
        gone = []
        while self._live:
            session, live = next(iter(self._live.items()))
            if at - live.seen < self._idle:
                break
            del self._live[session]
            self._remember(session)
            live.conversation.close()
            gone.append(Ended(_over(live.call), None))
        return gone

    def shifted(self, by: int) -> None:
        """The clock was set by so many ms."""
        for live in self._live.values():
            live.seen += by

    def _remember(self, session: str) -> None:
        self._ended[session] = None
        if len(self._ended) > ENDED:
            del self._ended[next(iter(self._ended))]


def _over(call: ControlCall) -> ControlCall:
    return structs.replace(call, outcome="answered" if call.answered_at else "missed")


def _after(call: ControlCall, document: Document, at: int) -> ControlCall:
    """What the call is once FreeSWITCH does what the document says."""
    actions = document.actions
    if call.answered_at is None and any(getattr(each, "application", "") == "answer" for each in actions):
        call = structs.replace(call, state="waiting", answered_at=rfc3339(at))
    if isinstance(actions[-1], Transfer):
        return structs.replace(call, state="transferred")
    return call
