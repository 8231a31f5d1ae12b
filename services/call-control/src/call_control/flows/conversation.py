"""One call in one flow: requests in, documents out. Pure. May NOT let a flow keep FreeSWITCH asking without an end.

A document that takes no time is asked for again at once, eight hundred times a second: so only a few of them may follow
each other, and however short everything was, only so many documents within some seconds are given.
"""

import contextlib
from collections import deque
from typing import Final, NamedTuple

from call_control.documents.actions import Hangup
from call_control.documents.build import Document, DocumentError, document
from call_control.documents.permissions import Permissions
from call_control.flows.turns import Call, Count, Flow, FlowError, Heard, Show, Source, Turn

__all__ = ["Answer", "Conversation"]

HASTY: Final = 5  # documents that take no time, one after the other
BURST: Final = 20  # documents within BURST_MS: a prompt that is missing takes no time either
BURST_MS: Final = 2_000
STEPS: Final = 64  # of Show and Count before the next document
DOCUMENTS: Final = 2_000  # in one call


class Answer(NamedTuple):
    """The document, and what is to be shown on displays."""

    document: Document
    shows: tuple[Show, ...]


class Conversation:
    """A call's flow, from its first request on. Whatever goes wrong is a FlowError, after which it has ended."""

    def __init__(self, source: Source, call: Call, permissions: Permissions) -> None:
        self._permissions = permissions
        self._flow: Flow | None
        try:
            self._flow = source(call)
        except Exception as error:
            raise FlowError(f"{type(error).__name__}: {error}") from error
        self._begun = False
        self._hasty = 0
        self._given = 0
        self._lately: deque[int] = deque(maxlen=BURST)

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to say: FreeSWITCH asks only to tell that the call is over."""
        return self._flow is None

    def next(self, heard: Heard) -> Answer:
        """The answer to a request. Raises FlowError."""
        if self._flow is None:
            return Answer(document([Hangup()], self._permissions), ())
        self._restrain(heard.at)
        try:
            return self._next(self._flow, heard)
        except FlowError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise FlowError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """The call is over: the flow's `finally` runs."""
        flow, self._flow = self._flow, None
        if flow is not None:
            with contextlib.suppress(Exception):  # it is over; it may even still run, in a thread nobody waits for
                flow.close()

    def _next(self, flow: Flow, heard: Heard) -> Answer:
        shows: list[Show] = []
        for _ in range(STEPS):
            try:
                said = flow.send(heard) if self._begun else next(flow)
            except StopIteration:
                self._flow = None
                return Answer(document([Hangup()], self._permissions), tuple(shows))
            self._begun = True
            if isinstance(said, Show):
                shows.append(said)
            elif not isinstance(said, Count):
                return Answer(self._document(said if isinstance(said, Turn) else Turn(actions=said)), tuple(shows))
        raise FlowError(f"does {STEPS} things without a word to FreeSWITCH")

    def _document(self, turn: Turn) -> Document:
        try:
            made = document(turn.actions, self._permissions, variables=turn.variables)
        except DocumentError as error:
            raise FlowError(str(error)) from error
        if made.leaves:
            self.close()
        self._hasty = 0 if made.takes_time else self._hasty + 1
        if self._hasty > HASTY:
            raise FlowError(
                f"gives more than {HASTY} documents running that take no time; a prompt or a pause is missing"
            )
        return made

    def _restrain(self, at: int) -> None:
        self._given += 1
        if self._given > DOCUMENTS:
            self.close()
            raise FlowError(f"is asked for more than {DOCUMENTS} documents")
        if len(self._lately) == BURST and 0 <= at - self._lately[0] < BURST_MS:
            self.close()
            raise FlowError(f"is asked for {BURST} documents within {BURST_MS // 1000} s; is a prompt's file missing?")
        self._lately.append(at)
