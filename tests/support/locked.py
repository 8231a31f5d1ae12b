"""A real mosquitto that nobody enters without a password: mosquitto.conf, and users as `credentials` makes them."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from credentials import store, users
from credentials.app import App, Places, load_kinds
from support.broker import ROOT, Broker, Bus

__all__ = ["CONFIGURATION", "REPOSITORY", "Locked", "lines"]

REPOSITORY = Path(__file__).parents[2]
CONFIGURATION = REPOSITORY / "mosquitto" / "mosquitto.conf"
OF_THE_CONTAINER = (
    "listener", "protocol", "log_", "persistence", "connection_messages", "certfile", "keyfile", "tls_version",
)  # fmt: skip


def lines() -> list[str]:
    """mosquitto.conf without its comments."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


class Locked:
    """One such broker in `directory`. `services`: those that this host runs; `settings`: what .env says."""

    def __init__(
        self,
        directory: Path,
        *,
        services: Sequence[str] = ("esl-publisher", "led-renderer"),
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.places = Places.below(directory)
        self.said: list[str] = []
        self.settings = dict(settings or {})
        self.access = directory / "access"
        self.access.mkdir(parents=True)
        for service in services:
            (self.places.services / service).mkdir(parents=True)
        for path in (*REPOSITORY.glob("services/*/access.toml"), REPOSITORY / "mosquitto" / "access.toml"):
            shutil.copy(path, self.access / f"{path.parent.name}.toml")
        self.broker = Broker(directory / "broker-itself", settings=self._configuration())

    def app(self, *, root: str = ROOT, given: str | None = None) -> App:
        """The commands, against this broker whether it runs or not."""
        return App(
            self.places,
            load_kinds(self.access),
            root=root,
            broker=(self.broker.host, self.broker.port or 9),
            settings=self.settings,
            given=given,
            say=self.said.append,
        )

    def start(self) -> "Locked":
        """Makes what is missing, then starts the broker."""
        self.app().ensure()
        self.broker.start()
        return self

    def password(self, username: str) -> str:
        """A user's password, as it is written down."""
        return users.decode(store.read(self.places.own / "users.json") or b"[]")[username].password

    def bus(self, username: str) -> Bus:
        """A client logged in as that user."""
        return self.broker.bus(login=(username, self.password(username)))

    def _configuration(self) -> tuple[str, ...]:
        ours = [line for line in lines() if not line.startswith(OF_THE_CONTAINER)]
        return tuple(line.replace("/mosquitto/credentials", str(self.places.broker)) for line in ours)
