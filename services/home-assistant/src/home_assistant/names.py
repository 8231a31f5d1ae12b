"""What a device is called among everything that Home Assistant discovers. Pure.

Home Assistant takes letters, digits, `-` and `_` for an object's id; a name of ours may hold anything else. What it
does not take is written as `_` and two hexadecimal digits per byte, so no two names become one.
"""

import re
from typing import Final

__all__ = ["DEFAULT_ROOT", "Names"]

DEFAULT_ROOT: Final = "lampfield/v1"
_OTHER: Final = re.compile(rb"[^A-Za-z0-9]")


def _plain(name: str) -> str:
    return _OTHER.sub(lambda match: b"_%02x" % match[0][0], name.encode()).decode()


class Names:
    """Ids of devices and entities of one topic root; those of another root are somebody else's."""

    def __init__(self, root: str) -> None:
        self._prefix = "lampfield-" if root == DEFAULT_ROOT else f"lampfield-{_plain(root)}-"

    def device(self, kind: str, name: str) -> str:
        """`lampfield-display-lobby`."""
        return f"{self._prefix}{kind}-{_plain(name)}"

    def part(self, *words: str) -> str:
        """An entity's key within its device: `gateway-carrier`."""
        return "-".join(map(_plain, words))

    def is_ours(self, device: str) -> bool:
        """Whether such an id is one that `device` makes."""
        rest = device.removeprefix(self._prefix)
        return rest != device and re.fullmatch(r"(display|switch)-[A-Za-z0-9_]+", rest) is not None
