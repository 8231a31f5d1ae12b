"""Calls from the web as a part of the service: everything wired together, and their calls on the bus. Shell."""

import asyncio
import contextlib
import logging
import secrets
import uuid
from collections.abc import Sequence
from typing import Final

from fastapi import APIRouter

from call_control.parts import Place
from call_control.report import Counts
from call_control.web.addresses import networks
from call_control.web.allow_list import AllowList
from call_control.web.api import Door, router
from call_control.web.audit import Audit
from call_control.web.calls import WebCalls
from call_control.web.desk import Desk, Rules
from call_control.web.dialer import Dialer, Switch
from call_control.web.facts import WebCall
from call_control.web.feed import Feed
from call_control.web.on_bus import restored, told
from call_control.web.settings import CallsSettings
from call_control.web.token_file import TokenFile
from lampfield_bus.node.arrivals import Arrival
from lampfield_bus.node.run import Now

__all__ = ["WebPart"]

LOOK_SECONDS: Final = 1.0  # between two looks for the first token
MAX_GUESTS: Final = 200  # visitors' tokens that hold at once

_log = logging.getLogger(__name__)


class WebPart:
    """Without a token it is idle, and lets nobody in. Raises ValueError for a file that is none."""

    def __init__(self, place: Place) -> None:
        settings = place.settings
        self._place = place
        self._tokens = TokenFile(settings.tokens_file)
        self._tokens.load()
        switch = _switch(settings)
        self._wanted = False  # somebody has a token
        self._calls = WebCalls(
            ring_seconds=settings.call_ring_seconds,
            max_seconds=settings.call_max_seconds,
            max_live=settings.calls_max,
            max_guests=MAX_GUESTS,
        )
        self._dialer = Dialer(switch, self._calls, self._changed, place.wall)
        self._desk = Desk(
            _rules(settings),
            self._calls,
            self._dialer,
            Feed(secrets.token_hex(4)),
            Audit(settings.audit_file, place.wall),
            place.wall,
            lambda: str(uuid.uuid4()),
            lambda: secrets.token_hex(16),
        )
        self.router: APIRouter = router(
            Door(self._desk, lambda: self._tokens.keyring, networks(settings.trusted_proxies), place.wall)
        )

    @property
    def filters(self) -> Sequence[str]:
        """Nothing of the bus but its own calls, which the register reads back."""
        return ()

    @property
    def counts(self) -> Counts:
        """The link to FreeSWITCH, and who was sent away."""
        return Counts(refused=self._desk.refused, esl=self._dialer.state if self._wanted else "off")

    def hear(self, arrival: Arrival, now: Now) -> None:
        """The register has read what an earlier run left."""

    def tick(self, now: Now) -> None:
        """Goes on with what an earlier run left; ends what should have ended. A clock that was set ends nothing."""
        if now.stepped:
            self._calls.shifted(now.stepped)
        left = self._place.register.orphans("click", "guest")
        for call in left:
            with contextlib.suppress(ValueError):  # instants that are none: the call ends below
                self._dialer.restore([restored(call)])
                continue
            self._place.send(self._place.register.end(call))
        self._dialer.tick(now.wall)

    async def run(self) -> None:
        """Keeps the link to FreeSWITCH from when the first token is there, until it is cancelled."""
        if not len(self._tokens.keyring):
            _log.info("no calls from the web: there is no token yet (call-control token add)")
        while not len(self._tokens.keyring):  # noqa: ASYNC110 (a file tells nobody that it has come)
            await asyncio.sleep(LOOK_SECONDS)
        self._wanted = True
        await self._dialer.run()

    def _changed(self, call: WebCall) -> None:
        register, how = self._place.register, call.ending
        if how is None:
            self._place.send(register.tell(told(call)))
        else:
            self._place.send(
                register.end(told(call), cause=how.cause, sip_status=how.sip_status, sip_reason=how.sip_reason)
            )
        self._desk.tell(call)


def _switch(settings: CallsSettings) -> Switch:
    return Switch(
        hosts=settings.esl_host,
        port=settings.esl_port,
        password=settings.esl_password.get_secret_value(),
        domain=settings.domain,
        context=settings.call_context,
        ring_seconds=settings.call_ring_seconds,
        life_seconds=2 * settings.call_ring_seconds + settings.call_max_seconds,
    )


def _rules(settings: CallsSettings) -> Rules:
    return Rules(
        callers=AllowList.parse(settings.call_from, gateways=True),
        callees=AllowList.parse(settings.call_to),
        caller_ids=settings.call_caller_ids,
        guests=AllowList.parse(settings.guest_to),
        guest_seconds=settings.guest_token_seconds,
        calls_per_minute=settings.calls_per_minute,
        token_calls_per_minute=settings.token_calls_per_minute,
        token_calls_max=settings.token_calls_max,
        guests_per_minute=settings.guests_per_minute,
        address_guests_per_minute=settings.address_guests_per_minute,
    )
