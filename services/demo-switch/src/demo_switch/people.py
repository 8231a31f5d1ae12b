"""Who lives in this office: the phones and their owners, the queue's agents, and the world outside.

May NOT do anything but name them. Every name and number is made up; the numbers outside are ones reserved for fiction.
"""

from random import Random
from typing import NamedTuple

DOMAIN = "127.0.0.1"
QUEUE = "support@default"
QUEUE_NUMBER = "7700"
GATEWAY = "gw-ping"
CONFERENCE = "3000"
FIRST_EXTENSION = 1000

_NAMES = (
    *("Ada Byron", "Bram Visser", "Chidi Okafor", "Dora Lindqvist", "Émile Roux", "Fatima Zahra", "Greta Søndergård"),
    *("Hugo Álvarez", "Ingrid Bauer", "Jonas Weiß", "Keiko Mori", "Luca Ferri", "Mina Petrović", "Noor de Wit"),
    *("Olga Ivanova", "Pál Szabó", "Quinn O'Neil", "Rosa Klein", "Sami Halonen", "Tove Ek"),
)
# +44 20 7946 0xxx and +1 … 555-01xx are set aside for drama and fiction.
_OUTSIDE = (
    *(("+442079460101", "Harbour Cafe"), ("+442079460127", "R. Whitfield"), ("+442079460158", "+442079460158")),
    *(("+12025550134", "Blue Door Books"), ("+12025550171", "WIRELESS CALLER"), ("+13125550188", "+13125550188")),
)


class Party(NamedTuple):
    """Somebody who can be in a call. `channel` is the name that FreeSWITCH gives to a leg of theirs."""

    number: str
    name: str
    port: int
    outside: bool = False

    def calling(self) -> str:
        """The channel's name when they call."""
        return (
            f"sofia/external/{self.number}@127.0.0.1:5999" if self.outside else f"sofia/internal/{self.number}@{DOMAIN}"
        )

    def called(self) -> str:
        """The channel's name when they are called."""
        return f"sofia/external/{self.number}" if self.outside else f"sofia/internal/{self.number}@{DOMAIN}:{self.port}"


def phones(count: int) -> list[Party]:
    """The extensions 1000, 1001, …"""
    return [
        Party(str(FIRST_EXTENSION + index), _NAMES[index % len(_NAMES)], 50_000 + (index * 137) % 15_000)
        for index in range(count)
    ]


def outside(rng: Random) -> Party:
    """Somebody at the other side of the gateway."""
    number, name = rng.choice(_OUTSIDE)
    return Party(number, name, 5999, outside=True)
