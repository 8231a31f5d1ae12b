"""API tokens: who may do what. The file holds their hashes, never the tokens.

Pure. A token is 256 random bits behind a prefix by which scanners for secrets find it, so one SHA-256 is enough: what
cannot be guessed needs no stretching (decision 12). Looking one up compares hashes of what was given, not what was
given.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from call_control.web.allow_list import AllowList
from lampfield_bus.instants import parse as instant

__all__ = ["SCOPES", "Grant", "Keyring", "Scope", "Token", "digest", "keyring", "new_secret", "parse", "written"]

Scope = Literal["calls:create", "calls:read", "calls:end", "calls:any", "events:read", "guests:invite"]
SCOPES: Final[dict[Scope, str]] = {
    "calls:create": "start calls",
    "calls:read": "see one's own calls",
    "calls:end": "end one's own calls",
    "calls:any": "see and end everybody's",
    "events:read": "be told of them as they change",
    "guests:invite": "make a visitor's one-time token; such a token alone may stand in a public page",
}
PREFIX: Final = "lft_"
MAX_TOKENS: Final = 1_000
_NAME: Final = r"^[A-Za-z0-9_.-]{1,64}$"  # it stands in a channel variable
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?")


class Token(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One token as it stands in the file. `from`, `to`: its own allow-lists, within those of the settings; absent: all
    of them. `origins`: the web pages that may use it, as browsers name them; absent: no page is asked for.
    """

    name: Annotated[str, Meta(pattern=_NAME)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    scopes: list[Scope]
    from_: list[str] | None = field(name="from", default=None)
    to: list[str] | None = None
    origins: list[str] | None = None
    expires_at: str | None = None


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tokens: Annotated[list[Token], Meta(max_length=MAX_TOKENS)]


class Grant(Struct, frozen=True):
    """What the bearer of a token may do."""

    name: str
    scopes: frozenset[str]
    callers: AllowList | None = None  # None: whom the settings allow
    callees: AllowList | None = None
    origins: frozenset[str] | None = None
    expires_at: int | None = None  # ms since the epoch

    def may(self, scope: Scope) -> bool:
        """Whether it has this scope."""
        return scope in self.scopes


class Keyring:
    """All tokens. An empty one opens nothing."""

    def __init__(self, grants: dict[str, Grant] | None = None) -> None:
        self._grants = grants or {}

    def __len__(self) -> int:
        return len(self._grants)

    def find(self, secret: str, at: int) -> Grant | None:
        """Whose token this is; None for nobody's and for one that has expired."""
        grant = self._grants.get(digest(secret))
        return None if grant is None or (grant.expires_at is not None and grant.expires_at <= at) else grant

    @property
    def origins(self) -> frozenset[str]:
        """Every web page that some token names."""
        return frozenset(origin for grant in self._grants.values() for origin in grant.origins or ())


def parse(text: str | bytes) -> list[Token]:
    """The tokens of a file. Raises ValueError that says which token, and what is wrong with it."""
    try:
        tokens = msgspec.json.decode(text, type=_File).tokens if text.strip() else []
    except msgspec.DecodeError as error:
        raise ValueError(f"the tokens' file: {error}") from None
    names = [token.name for token in tokens]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"the tokens' file: two tokens are called {name}")
    return tokens


def keyring(tokens: Iterable[Token]) -> Keyring:
    """What they open. Raises ValueError that names the token."""
    return Keyring({token.sha256: _grant(token) for token in tokens})


def _grant(token: Token) -> Grant:
    try:
        return Grant(
            token.name,
            frozenset(token.scopes),
            None if token.from_ is None else AllowList.parse(token.from_, gateways=True),
            None if token.to is None else AllowList.parse(token.to),
            None if token.origins is None else frozenset(map(_origin, token.origins)),
            None if token.expires_at is None else instant(token.expires_at),
        )
    except ValueError as error:
        raise ValueError(f"the token {token.name}: {error}") from None


def _origin(text: str) -> str:
    if not _ORIGIN.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is no origin; allowed: https://www.example.org, without a path")
    return text


def written(tokens: Iterable[Token]) -> bytes:
    """The file that holds these."""
    return msgspec.json.format(msgspec.json.encode(_File(tokens=list(tokens))), indent=2) + b"\n"


def new_secret(random_bytes: Callable[[int], bytes]) -> str:
    """A token that nobody has."""
    return PREFIX + base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("=")


def digest(secret: str) -> str:
    """What the file holds of a token."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
