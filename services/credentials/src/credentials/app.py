"""One thing after the other: users, files, certificates, broker. What stops half-way is finished by the next `ensure`.

The order makes that so: first it is written down who there is, then each service gets its password, and the broker,
which turns away those whose password changed, comes last.
"""

import os
import secrets
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from credentials import authority, control, plugin, store, users
from credentials.users import KEEPER, User
from lampfield_bus import access
from lampfield_bus.access import Kind
from lampfield_bus.topics import encode_name

__all__ = ["App", "Places", "load_kinds"]

PASSWORD_BYTES: Final = 24  # 192 bits, 32 characters that no shell and no file format minds
SALT_BYTES: Final = 12
OPTION_FILES: Final = {  # what a program in the broker's container logs in as, when it is told nothing
    "mosquitto_pub": "operator",
    "mosquitto_rr": "operator",
    "mosquitto_sub": "viewer",
    "mosquitto_ctrl": KEEPER,
}
ALWAYS: Final = ("mosquitto", "localhost", "127.0.0.1", "::1")  # names of the broker in every certificate of ours


class Places(NamedTuple):
    """Where things are kept: what only these programs see, what the broker sees, and a folder for each service."""

    own: Path
    broker: Path
    services: Path

    @classmethod
    def below(cls, base: Path) -> "Places":
        """As the image has them."""
        return cls(base / "own", base / "broker", base / "services")


def load_kinds(folder: Path) -> dict[str, dict[str, Kind]]:
    """Every access paragraph, by service: `<service>.toml`. Raises ValueError that names the file."""
    found: dict[str, dict[str, Kind]] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            found[path.stem] = access.kinds(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None
    return found


class App:
    """The commands. `broker`: where a running one would be; `given`: the password that all services shall use instead.

    Raises ValueError for what cannot be, ConnectionError when the broker is there and does not take it.
    """

    def __init__(
        self,
        places: Places,
        paragraphs: Mapping[str, Mapping[str, Kind]],
        *,
        root: str,
        broker: tuple[str, int],
        settings: Mapping[str, str],
        given: str | None = None,
        say: Callable[[str], object] = print,
    ) -> None:
        self._places = places
        self._paragraphs = paragraphs
        self._kinds = {name: kind for paragraph in paragraphs.values() for name, kind in paragraph.items()}
        self._root = root
        self._broker = broker
        self._settings = settings
        self._given = given
        self._say = say
        as_root = os.geteuid() == 0
        self._broker_owner = store.BROKER if as_root else None
        self._service_owner = store.SERVICE if as_root else None

    # --- commands -----------------------------------------------------------------------------------------------------

    def ensure(self) -> None:
        """Makes what is missing and changes nothing else; again and again, at every start."""
        known = self._users()
        missing = {name: who for name, who in users.wanted(self._kinds, self._settings).items() if name not in known}
        everyone = {**known, **{name: _fresh(*who) for name, who in missing.items()}}
        self._certificates(())
        self._settle(everyone)
        if missing:
            self._say(f"made: {', '.join(missing)}; `make credentials` shows their passwords")
        self._say(f"{len(everyone)} users may log in: {', '.join(sorted(everyone))}")

    def show(self) -> None:
        """Every user, its password and what it may do."""
        everyone = self._users()
        if not everyone:
            raise ValueError("there are no users yet: `docker compose up` makes them")
        width = max(map(len, everyone))
        for name, user in sorted(everyone.items()):
            self._say(f"{name:{width}}  {user.password}  {self._describe(user)}")

    def password(self, username: str) -> None:
        """One user's password and nothing else, for `$(…)`."""
        user = self._users().get(username)
        if user is None:
            raise ValueError(f"{username}: no such user; there are: {', '.join(sorted(self._users())) or 'none'}")
        self._say(user.password)

    def add(self, kind: str, name: str, *, numbers: bool = True) -> None:
        """One more display or switch; says what to set there."""
        fresh = _fresh(kind, name, numbers=numbers)
        self._settle(users.add(self._users(), self._kinds, kind, name, fresh))
        self._tell_settings(fresh)

    def remove(self, kind: str, name: str) -> None:
        """Nobody of that name gets in any more, and what it left on the bus goes too."""
        self._settle(users.remove(self._users(), kind, name))
        self._say(f"{users.named(kind, name)} is gone")
        try:
            count = control.forget(self._visitor(self._users()[KEEPER].password), self._prefix(kind, name))
        except ConnectionError as error:
            self._say(f"what it left on the bus stays there: {error}")
        else:
            self._say(f"{count} retained topics of it deleted")

    def rotate(self, username: str | None = None) -> None:
        """New passwords: for one user, or for everyone whose password lives on this host only."""
        everyone = self._users()
        names = [username] if username else [name for name, user in everyone.items() if self._lives_here(user)]
        after = users.rotate(everyone, names, (_password() for _ in names))
        self._settle(after, login=everyone[KEEPER].password if KEEPER in everyone else None)
        self._say(f"new passwords: {', '.join(sorted(names))}")
        elsewhere = sorted(name for name in everyone if name not in names and not self._lives_here(everyone[name]))
        if username and not self._lives_here(after[username]):
            self._tell_settings(after[username])
        elif not username and elsewhere:
            self._say(f"unchanged, because somebody has to go there: {', '.join(elsewhere)} (rotate one by its name)")

    def certs(self, names: Iterable[str]) -> None:
        """A new certificate for the broker, for these names and addresses as well."""
        self._certificates(names, always=True)

    def own_certs(self, certificate: bytes, key: bytes) -> None:
        """Somebody's own certificate for the broker. Raises ValueError when key and certificate are no pair."""
        pair = authority.Pair(key, certificate)
        if not authority.fits(pair):
            raise ValueError("key and certificate do not belong together, or the certificate is over")
        self._write_tls(pair)
        store.write(self._places.own / "own-certificate", b"", None)
        self._say(f"the broker's certificate is for {', '.join(sorted(authority.names_of(certificate)))}")

    def ca(self) -> None:
        """The authority's certificate, for displays to trust."""
        self._say(self._authority().certificate.decode().rstrip())

    # --- users --------------------------------------------------------------------------------------------------------

    def _users(self) -> dict[str, User]:
        content = store.read(self._users_file)
        return {} if content is None else users.decode(content)

    @property
    def _users_file(self) -> Path:
        return self._places.own / "users.json"

    def _lives_here(self, user: User) -> bool:
        return user.username in users.wanted(self._kinds, self._settings)

    def _settle(self, everyone: Mapping[str, User], *, login: str | None = None) -> None:
        """Writes down who there is, hands out passwords, tells the broker. `login`: the keeper's password until now."""
        before = self._before()
        wanted = plugin.document(before or {}, everyone.values(), self._kinds, self._root, _salt)
        store.ensure_folder(self._places.own, None)
        store.write(self._users_file, users.encode(everyone), None)
        self._hand_out(everyone)
        self._tell_broker(before, wanted, everyone, login or everyone[KEEPER].password)

    def _hand_out(self, everyone: Mapping[str, User]) -> None:
        for service, paragraph in self._paragraphs.items():
            folder = self._places.services / service
            if not folder.is_dir():
                continue
            store.ensure_folder(folder, self._service_owner)
            for name in users.wanted(paragraph, self._settings).keys() & everyone.keys() - {KEEPER}:
                password = everyone[name].password if self._given is None else self._given
                store.write(folder / "mqtt_password", f"{password}\n".encode(), self._service_owner)
        store.ensure_folder(self._places.broker, self._broker_owner)
        store.ensure_folder(self._places.broker / "clients", self._broker_owner)
        for program, name in OPTION_FILES.items():
            if name in everyone:
                version = "" if program == "mosquitto_ctrl" else "-V 5\n-q 1\n"
                options = f"-u {name}\n-P {everyone[name].password}\n{version}"
                store.write(self._places.broker / "clients" / program, options.encode(), self._broker_owner)

    # --- the broker ---------------------------------------------------------------------------------------------------

    @property
    def _plugin_file(self) -> Path:
        return self._places.broker / "dynamic-security.json"

    def _before(self) -> dict[str, Any] | None:
        """What the plugin holds, by its file; None when that is broken: on a full disk mosquitto cuts it off."""
        content = store.read(self._plugin_file)
        try:
            return {} if content is None else msgspec.json.decode(content, type=dict[str, Any])
        except ValueError:
            return None

    def _visitor(self, password: str) -> control.Broker:
        return control.Broker(*self._broker, KEEPER, password)

    def _tell_broker(
        self, before: dict[str, Any] | None, wanted: dict[str, Any], everyone: Mapping[str, User], login: str
    ) -> None:
        passwords = {name: user.password for name, user in everyone.items()}
        if before is None:
            self._say(f"{self._plugin_file.name} is cut off (was the disk full?): it is written anew")
            commands = plugin.mending(wanted, passwords)
        else:
            commands = plugin.changes(before, wanted, passwords)
        if not commands:
            return
        own = [each for each in commands if each.get("username") == KEEPER and each["command"] == "setClientPassword"]
        try:
            if others := [each for each in commands if each not in own]:
                no_fault = plugin.THERE_ALREADY if before is None else frozenset()
                control.apply(self._visitor(login), others, no_fault=no_fault)
            if own:
                control.apply(self._visitor(login), own, answered=False)
                control.apply(self._visitor(everyone[KEEPER].password), [plugin.QUESTION])  # it has done it by then
            self._check_plugin_file()
        except control.LoginRefusedError as error:
            self._write_plugin_file(wanted)
            self._say(f"the running broker does not know its keeper ({error}): docker compose restart mosquitto")
        except control.NotThereError:
            self._write_plugin_file(wanted)  # it reads that when it starts

    def _check_plugin_file(self) -> None:
        """The plugin writes it before it answers, and says nothing when it could not."""
        if self._before() is None:
            raise ValueError(
                f"the broker knows, but could not write {self._plugin_file.name}: it is cut off. Is the disk full? Make"
                " room and run `docker compose up -d`; until then the broker would not start again"
            )

    def _write_plugin_file(self, wanted: dict[str, Any]) -> None:
        content = msgspec.json.format(msgspec.json.encode(wanted))
        store.write(self._plugin_file, content, self._broker_owner)

    # --- certificates -------------------------------------------------------------------------------------------------

    def _authority(self) -> authority.Pair:
        store.ensure_folder(self._places.own, None)
        paths = self._places.own / "ca.key", self._places.own / "ca.pem"
        key, certificate = (store.read(path) for path in paths)
        if key is None or certificate is None:
            pair = authority.make_authority()
            for path, content in zip(paths, pair, strict=True):
                store.write(path, content, None)
            return pair
        return authority.Pair(key, certificate)

    def _certificates(self, names: Iterable[str], *, always: bool = False) -> None:
        """Makes the broker's certificate: if there is none, if it ends soon, if `always`. One's own stays till then."""
        current = self._current_tls()
        extra = [name for name in names if name]
        if current is not None and not always:
            if (self._places.own / "own-certificate").exists() or authority.fits(current, authority.RENEW_DAYS):
                return
            extra = sorted(authority.names_of(current.certificate) - set(ALWAYS))
        pair = authority.issue(self._authority(), [*ALWAYS, *extra])
        self._write_tls(pair)
        (self._places.own / "own-certificate").unlink(missing_ok=True)
        self._say(f"the broker's certificate is for {', '.join(sorted(authority.names_of(pair.certificate)))}")

    def _current_tls(self) -> authority.Pair | None:
        key, certificate = (store.read(self._places.broker / name) for name in ("server.key", "server.pem"))
        return None if key is None or certificate is None else authority.Pair(key, certificate)

    def _write_tls(self, pair: authority.Pair) -> None:
        store.ensure_folder(self._places.broker, self._broker_owner)
        store.write(self._places.broker / "server.key", pair.key, self._broker_owner)
        store.write(self._places.broker / "server.pem", pair.certificate, self._broker_owner)

    # --- words --------------------------------------------------------------------------------------------------------

    def _prefix(self, kind: str, name: str) -> str:
        parameter = self._kinds[kind].parameter
        return f"{self._root}/{parameter}/{encode_name(name)}"

    def _describe(self, user: User) -> str:
        if user.kind == KEEPER:
            return "manages the users"
        if user.kind not in self._kinds:
            return "may do nothing: its service is gone"
        granted = access.rights(self._kinds[user.kind], user.name, numbers=user.numbers)
        words = [f"writes {_short(granted.write)}"] if granted.write else []
        words += [f"reads {_short(granted.read)}"]
        outside = self._kinds[user.kind].outside
        words += [f"outside the root writes and reads {_short(outside)}"] if outside else []
        return "; ".join(words)

    def _tell_settings(self, user: User) -> None:
        parameter = self._kinds[user.kind].parameter or "name"
        self._say(
            f"# the settings of {user.kind} {user.name}; LAMPFIELD_MQTT_HOST is a name of this host that is in the\n"
            f"# broker's certificate (make certs), and ca.pem comes from: make -s ca > ca.pem\n"
            f"LAMPFIELD_{parameter.upper()}={user.name}\n"
            f"LAMPFIELD_MQTT_HOST=\n"
            f"LAMPFIELD_MQTT_PORT=8883\n"
            f"LAMPFIELD_MQTT_TLS=on\n"
            f"LAMPFIELD_MQTT_CA_FILE=ca.pem\n"
            f"LAMPFIELD_MQTT_USERNAME={user.username}\n"
            f"LAMPFIELD_MQTT_PASSWORD={user.password}"
        )


def _fresh(kind: str, name: str | None, *, numbers: bool = True) -> User:
    return User(kind, name, _password(), numbers)


def _short(filters: Iterable[str]) -> str:
    """Filters for people: `display/lobby/{info,state}`; `everything`."""
    if "#" in filters:
        return "everything"
    groups: dict[str, list[str]] = {}
    for each in filters:
        stem, _, last = each.rpartition("/")
        groups.setdefault(stem, []).append(last)
    return ", ".join(
        f"{stem}/{lasts[0]}" if len(lasts) == 1 else f"{stem}/{{{','.join(lasts)}}}" for stem, lasts in groups.items()
    )


def _password() -> str:
    return secrets.token_urlsafe(PASSWORD_BYTES)


def _salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)
