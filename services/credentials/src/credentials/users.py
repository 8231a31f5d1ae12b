"""Who there is at the broker: a user has a kind (of an access.toml), perhaps a name, and a password. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from lampfield_bus.access import ANY, Kind, rights
from lampfield_bus.topics import encode_name

__all__ = ["KEEPER", "Password", "User", "add", "decode", "encode", "named", "remove", "rotate", "wanted"]

KEEPER: Final = "keeper"  # the user that manages the others; these programs alone log in as it

Password = str


class User(Struct, frozen=True):
    """One user. `name`: None for a kind without names, ANY for the one that all replicas in compose share.

    `numbers`: whether it may read parties' numbers and names.
    """

    kind: str
    name: str | None
    password: Password
    numbers: bool = True

    @property
    def username(self) -> str:
        """`viewer`, `display-lobby`, `displays`."""
        return named(self.kind, self.name)


Users = Mapping[str, User]  # by user name


def named(kind: str, name: str | None) -> str:
    """A user's name at the broker."""
    if name is None:
        return kind
    return f"{kind}s" if name == ANY else f"{kind}-{name}"


def wanted(kinds: Mapping[str, Kind], settings: Mapping[str, str]) -> dict[str, tuple[str, str | None]]:
    """The users that this host needs: kind and name by user name. `settings`: variables of the environment."""
    found: list[tuple[str, str | None]] = [(KEEPER, None)]
    for kind, means in kinds.items():
        if means.parameter is None:
            found.append((kind, None))
        elif means.compose is not None:
            found.append((kind, settings.get(means.compose.setting) or means.compose.default))
    return {named(kind, name): (kind, name) for kind, name in found}


def add(users: Users, kinds: Mapping[str, Kind], kind: str, name: str | None, fresh: User) -> dict[str, User]:
    """With one more user. Raises ValueError for a kind or name that cannot be, and for one that is there already."""
    if kind not in kinds:
        raise ValueError(f"{kind}: no such kind of user; allowed: {', '.join(sorted(kinds))}")
    if name == ANY:
        raise ValueError(f"name: {ANY!r} stands for every {kind}; allowed: the name of one")
    rights(kinds[kind], name, numbers=fresh.numbers)
    if fresh.username in users:
        raise ValueError(f"{fresh.username} is there already; `rotate` gives it a new password")
    return {**users, fresh.username: fresh}


def remove(users: Users, kind: str, name: str) -> dict[str, User]:
    """Without this user. Raises ValueError when it is not there."""
    username = named(kind, encode_name(name) and name)
    if name == ANY or username not in users:
        raise ValueError(f"{kind} {name}: not there; there are: {_list(users.values(), kind)}")
    return {key: user for key, user in users.items() if key != username}


def rotate(users: Users, names: Iterable[str], passwords: Iterable[Password]) -> dict[str, User]:
    """With new passwords for the users of these names. Raises ValueError for one that is not there."""
    changed = dict(users)
    for name, password in zip(names, passwords, strict=False):
        if name not in changed:
            raise ValueError(f"{name}: no such user; there are: {', '.join(sorted(changed))}")
        changed[name] = msgspec.structs.replace(changed[name], password=password)
    return changed


def encode(users: Users) -> bytes:
    """As it is kept in a file."""
    return msgspec.json.format(msgspec.json.encode(list(users.values()))) + b"\n"


def decode(content: bytes) -> dict[str, User]:
    """What `encode` made. Raises ValueError for anything else."""
    return {user.username: user for user in msgspec.json.decode(content, type=list[User])}


def _list(users: Iterable[User], kind: str) -> str:
    return ", ".join(str(user.name) for user in users if user.kind == kind and user.name not in (None, ANY)) or "none"
