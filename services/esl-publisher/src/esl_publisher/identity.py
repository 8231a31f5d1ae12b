"""Which FreeSWITCH this is and how the link to it is: the `info` topic.

Pure. What FreeSWITCH told of itself stays known while the link is down. `epoch` grows by one with every connection and
whenever events were lost, and goes on from an earlier run's.

`connected` is told when the numbers can be trusted: when the first snapshot of a connection is taken in. Until then
`esl` says what it said before: a switch whose tables cannot be read stays `connecting` or `lost`, a panel says NO PBX.
"""

from msgspec.structs import replace

from esl_publisher.facts import EslChanged
from lampfield_bus import messages as m
from lampfield_bus.instants import rfc3339

__all__ = ["Identity"]


class Identity:
    """`domain` is the setting's, else what FreeSWITCH said last, else None."""

    def __init__(self, instance: str, domain: str | None) -> None:
        self._instance = instance
        self._fixed_domain = domain
        self._esl = EslChanged(state="connecting", domain=domain)
        self._linked = False
        self._since: int | None = None
        self._epoch = 0

    @property
    def domain(self) -> str | None:
        """The switch's own domain."""
        return self._esl.domain

    def restore(self, info: m.SwitchInfo) -> None:
        """What an earlier run knew. Its link is not ours."""
        self._epoch = info.epoch
        self._esl = EslChanged(
            state="connecting",
            hostname=info.hostname,
            version=info.version,
            core_uuid=info.core_uuid,
            domain=self._fixed_domain or info.domain,
        )

    def lose_continuity(self) -> None:
        """Events were lost in mid-connection."""
        self._epoch += 1

    def change(self, fact: EslChanged, at: int) -> bool:
        """Take over the link's state; whether this is another core than before, that is FreeSWITCH restarted."""
        before = self._esl
        linked = fact.state == "connected"
        self._esl = EslChanged(
            state=before.state if linked else fact.state,
            hostname=fact.hostname or before.hostname,
            version=fact.version or before.version,
            core_uuid=fact.core_uuid or before.core_uuid,
            domain=self._fixed_domain or fact.domain or before.domain,
        )
        if linked and not self._linked:
            self._epoch += 1
        self._linked = linked
        if self._esl.state != before.state or self._since is None:
            self._since = at
        return before.core_uuid is not None and self._esl.core_uuid != before.core_uuid

    def confirm(self, at: int) -> bool:
        """A snapshot is taken in: what is told is true now. Whether that is news."""
        news = self._linked and self._esl.state != "connected"
        if news:
            self._esl, self._since = replace(self._esl, state="connected"), at
        return news

    def message(self, at: int) -> m.SwitchInfo:
        """What stands in `info`."""
        esl = self._esl
        return m.SwitchInfo(
            instance=self._instance,
            esl=esl.state,
            since=rfc3339(at if self._since is None else self._since),
            hostname=esl.hostname,
            version=esl.version,
            core_uuid=esl.core_uuid,
            domain=esl.domain,
            epoch=self._epoch,
        )
