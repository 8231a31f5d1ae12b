"""Users and rights in the words of mosquitto's dynamic security plugin: its file, and the commands that change it.

Format and commands: mosquitto 2.0, plugins/dynamic-security/README.md, and what 2.0.11 and 2.0.21 write themselves.
Each user has one role, of its own name. Users and roles that somebody else made are left as they are. Pure.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from credentials.users import KEEPER, User
from lampfield_bus.access import Kind, rights

__all__ = ["ITERATIONS", "QUESTION", "THERE_ALREADY", "changes", "document", "is_for", "mending", "role"]

Json = dict[str, Any]

# Of PBKDF2-HMAC-SHA512; the plugin's own number. Stretching protects passwords that can be guessed; ours are 192 random
# bits, and a thousand displays that come back at once shall not wait for a Pi to stretch them.
ITERATIONS: Final = 101
QUESTION: Final[Json] = {"command": "getDefaultACLAccess"}  # changes nothing
THERE_ALREADY: Final = frozenset({"Role already exists", "Client already exists"})
DEFAULTS: Final = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}
READ: Final = ("subscribePattern", "publishClientReceive")
WRITE: Final = ("publishClientSend",)
CONTROL: Final = "$CONTROL/dynamic-security/#"
FIGURES: Final = "$SYS/#"


def role(user: User, kinds: Mapping[str, Kind], root: str) -> Json:
    """A user's role: what it may write, subscribe to and receive. Raises ValueError for a user without rights."""
    if user.kind == KEEPER:
        write, read = [CONTROL, f"{root}/#"], [CONTROL, f"{root}/#", FIGURES]
    elif user.kind in kinds:
        kind = kinds[user.kind]
        granted = rights(kind, user.name, numbers=user.numbers)
        write, read = ([f"{root}/{each}" for each in filters] for filters in granted)
        write, read = [*write, *kind.outside], [*read, *kind.outside]
        read += [FIGURES] if "#" in kind.reads else []  # who sees everything sees the broker's own figures too
    else:
        raise ValueError(f"{user.username}: no access.toml has the kind {user.kind}")
    acls = [*_acls(WRITE, write), *_acls(READ, read)]
    return {"rolename": user.username, "acls": acls}


def document(
    before: Json, users: Iterable[User], kinds: Mapping[str, Kind], root: str, salt: Callable[[], bytes]
) -> Json:
    """The plugin's file with these users and their roles, and without those of `before` that are ours no longer.

    `before`: the file as it is, or empty. A password that the file knows keeps its salt: nothing changes for nothing.
    """
    known = {client["username"]: client for client in before.get("clients", [])}
    ours = {user.username: user for user in users}
    clients = [client for client in known.values() if client["username"] not in ours and not _is_ours(client)]
    clients += [_client(user, known.get(name), salt) for name, user in ours.items()]
    dropped = {name for name, client in known.items() if name not in ours and _is_ours(client)}
    roles = [each for each in before.get("roles", []) if each["rolename"] not in {*ours, *dropped}]
    roles += [role(user, kinds, root) for user in ours.values()]
    kept = {key: value for key, value in before.items() if key not in ("clients", "roles", "defaultACLAccess")}
    return {"groups": [], **kept, "defaultACLAccess": DEFAULTS, "clients": clients, "roles": roles}


def changes(before: Json, after: Json, passwords: Mapping[str, str]) -> list[Json]:
    """The plugin's commands that make `after` of `before`.

    A role is there before the client that names it, and longer: mosquitto 2.0.11 and 2.0.21 both died of a segmentation
    fault after a role was deleted that a connected client still had (decision 12).
    """
    made = [*_defaults(before), *_roles(before, after), *_clients(before, after, passwords)]
    return [*made, *_gone(before, after)]


def mending(after: Json, passwords: Mapping[str, str]) -> list[Json]:
    """The commands that make `after` of whatever a running plugin holds; THERE_ALREADY is no fault in their answers."""
    made = changes({}, after, passwords)
    roles = [{"command": "modifyRole", **role} for role in after["roles"] if role["rolename"] in passwords]
    logins = [
        {"command": "setClientPassword", "username": name, "password": password} for name, password in passwords.items()
    ]
    return [*made, *roles, *logins]


def is_for(client: Json, password: str) -> bool:
    """Whether a client's hash is that of this password."""
    if not client.get("password"):
        return False
    salt, iterations = base64.b64decode(client.get("salt", "")), int(client.get("iterations", ITERATIONS))
    return hmac.compare_digest(_hash(password, salt, iterations), client["password"])


def _acls(kinds: Iterable[str], topics: Iterable[str]) -> list[Json]:
    return [{"acltype": kind, "topic": topic, "priority": 0, "allow": True} for topic in topics for kind in kinds]


def _is_ours(client: Json) -> bool:
    """One that these programs made: its only role has its own name, and it says so."""
    return client.get("textname") == "lampfield"


def _client(user: User, known: Json | None, salt: Callable[[], bytes]) -> Json:
    client: Json = {"username": user.username, "textname": "lampfield", "roles": [{"rolename": user.username}]}
    if known is not None and is_for(known, user.password):
        kept: Json = {key: known[key] for key in ("password", "salt", "iterations") if key in known}
        return {**client, **kept}
    fresh = salt()
    encoded = base64.b64encode(fresh).decode()
    return {**client, "password": _hash(user.password, fresh, ITERATIONS), "salt": encoded, "iterations": ITERATIONS}


def _hash(password: str, salt: bytes, iterations: int) -> str:
    return base64.b64encode(hashlib.pbkdf2_hmac("sha512", password.encode(), salt, iterations)).decode()


def _defaults(before: Json) -> Iterator[Json]:
    if before.get("defaultACLAccess") != DEFAULTS:
        acls = [{"acltype": kind, "allow": allow} for kind, allow in DEFAULTS.items()]
        yield {"command": "setDefaultACLAccess", "acls": acls}


def _roles(before: Json, after: Json) -> Iterator[Json]:
    old = {each["rolename"]: each for each in before.get("roles", [])}
    for new in after["roles"]:
        name = new["rolename"]
        if name not in old:
            yield {"command": "createRole", **new}
        elif _rules(old[name]) != _rules(new):
            yield {"command": "modifyRole", **new}


def _rules(role: Json) -> set[tuple[object, ...]]:
    """A role's lines without their order, and without what the plugin leaves out because it is the default."""
    return {
        (line["acltype"], line["topic"], line.get("priority", 0), line.get("allow", False))
        for line in role.get("acls", [])
    }


def _clients(before: Json, after: Json, passwords: Mapping[str, str]) -> Iterator[Json]:
    old = {each["username"]: each for each in before.get("clients", [])}
    for new in after["clients"]:
        name = new["username"]
        if name not in old:
            yield {
                "command": "createClient",
                **{key: new[key] for key in ("username", "textname", "roles")},
                "password": passwords[name],
            }
        elif name in passwords and not is_for(old[name], passwords[name]):
            yield {"command": "setClientPassword", "username": name, "password": passwords[name]}


def _gone(before: Json, after: Json) -> Iterator[Json]:
    for command, things, name in (("deleteClient", "clients", "username"), ("deleteRole", "roles", "rolename")):
        left = {each[name] for each in after[things]}
        yield from ({"command": command, name: each[name]} for each in before.get(things, []) if each[name] not in left)
