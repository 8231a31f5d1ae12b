"""Settings that every process on the bus has, and how a bad one is told: one line per variable, exit status 2.

A service derives its own `Settings` from `NodeSettings`; every field has a description, because .env.example is made
from them. Nothing here opens a connection.
"""

import re
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from lampfield_bus.node import faults
from lampfield_bus.topics import encode_name

__all__ = [
    "CommaList",
    "ExistingFile",
    "Host",
    "Hosts",
    "LowerCase",
    "Name",
    "NodeSettings",
    "Port",
    "load",
    "read_secret",
]

PREFIX = "LAMPFIELD_"
LOCALTIME = Path("/etc/localtime")  # the system's time zone, as a link into zoneinfo/ or as a copy


def _existing_file(path: Path) -> Path:
    if not path.is_file():
        fault = "is a folder" if path.is_dir() else "no such file"
        raise ValueError(f"{fault}; allowed: a file that this process can read")
    return path


def _host(text: str) -> str:
    if not re.fullmatch(r"[^\s/]{1,253}", text):
        raise ValueError("is not a host; allowed: a name or an address, without port")
    return text


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names or not all(re.fullmatch(r"[^\s/]{1,253}", name) for name in names):
        raise ValueError("is no host; allowed: a name or an address without port, or several with commas between them")
    return names


def _name(text: str) -> str:
    encode_name(text)
    return text


def _topic_root(text: str) -> str:
    if not re.fullmatch(r"[^\s/+#$\x00-\x1f][^/+#\x00-\x1f]*(/[^/+#\x00-\x1f]+)*", text) or len(text) > 200:
        raise ValueError("is not a topic; allowed: levels with / between them, without + and #, no / at either end")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text.removeprefix(":"))
    except (OSError, ValueError, KeyError):  # a directory, a nonsensical key, an unknown one
        raise ValueError("is not a time zone; allowed: a name such as Europe/Berlin or UTC") from None
    return text.removeprefix(":")


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Port = Annotated[int, Field(ge=1, le=65535)]
Host = Annotated[str, AfterValidator(_host)]
Name = Annotated[str, AfterValidator(_name)]  # what may stand as one topic level
ExistingFile = Annotated[Path, AfterValidator(_existing_file)]
LowerCase = BeforeValidator(_lower)  # Annotated[Literal["info", …], LowerCase]: spelt in any case
CommaList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]  # `a, b` → ("a", "b")
Hosts = Annotated[CommaList, AfterValidator(_hosts)]  # that are tried in turn


class NodeSettings(BaseSettings):
    """The common settings. An empty variable is an unset one; unknown LAMPFIELD_ variables belong to somebody else."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        populate_by_name=True,
        frozen=True,
    )

    mqtt_host: Host = Field(default="localhost", description="the broker")
    mqtt_port: Port = Field(default=1883, description="the broker's port; with TLS usually 8883")
    mqtt_username: str | None = Field(default=None, description="user name at the broker")
    mqtt_password: SecretStr | None = Field(default=None, description="password at the broker")
    mqtt_password_file: Path | None = Field(
        default=None, description="a file with that password, read again before every connection"
    )
    mqtt_tls: bool = Field(default=False, description="speak TLS with the broker")
    mqtt_ca_file: ExistingFile | None = Field(
        default=None, description="PEM of the authority to trust instead of the system's"
    )
    mqtt_cert_file: ExistingFile | None = Field(default=None, description="PEM of this client's certificate")
    mqtt_key_file: ExistingFile | None = Field(default=None, description="PEM of this client's key")
    topic_root: Annotated[str, AfterValidator(_topic_root)] = Field(
        default="lampfield/v1", description="what every topic begins with"
    )
    tz: Annotated[str, AfterValidator(_zone)] | None = Field(
        default=None, validation_alias="TZ", description="time zone of midnights and schedules; default: the system's"
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], LowerCase] = Field(
        default="info", description="what is logged, and all above it"
    )
    log_format: Annotated[Literal["text", "json"], LowerCase] = Field(
        default="text", description="how it is logged, on stderr"
    )
    metrics_port: Port | None = Field(
        default=None,
        description="Prometheus reads http://METRICS_HOST:METRICS_PORT/metrics; default: no port is opened",
    )
    metrics_host: Host = Field(default="127.0.0.1", description="the address that those metrics are served on")
    heartbeat_file: Path | None = Field(
        default=None, description="touched while healthy, read by `check`; default: a file in the temporary directory"
    )

    @model_validator(mode="after")
    def _tls_is_whole(self) -> Self:
        for field in ("mqtt_ca_file", "mqtt_cert_file", "mqtt_key_file"):
            if getattr(self, field) is not None and not self.mqtt_tls:
                name = variable(type(self), field)
                raise ValueError(f"{name}: is set while TLS is off; allowed: with {PREFIX}MQTT_TLS=on")
        if (self.mqtt_cert_file is None) != (self.mqtt_key_file is None):
            raise ValueError(
                f"{PREFIX}MQTT_CERT_FILE: certificate or key is missing; allowed: both or none of the two files"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of midnights and schedules: `TZ`, else the system's, else UTC."""
        return ZoneInfo(self.tz) if self.tz else _system_zone()

    def heartbeat_path(self, program: str, name: str) -> Path:
        """Where this process's heartbeat is: two displays on one Pi are two processes, so the name is part of it."""
        if self.heartbeat_file is not None:
            return self.heartbeat_file
        return Path(tempfile.gettempdir()) / f"{program}-{encode_name(name)}.heartbeat"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (pydantic-settings' signature)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments beat the environment, that beats `.env`; `X_FILE` stands where `X` would."""
        return init_settings, _SecretFiles(settings_cls, env_settings, dotenv_settings), env_settings, dotenv_settings


class _SecretFiles(PydanticBaseSettingsSource):
    """`LAMPFIELD_MQTT_PASSWORD_FILE=/run/secrets/mqtt` for every secret field: Docker's convention."""

    def __init__(self, settings_cls: type[BaseSettings], *sources: PydanticBaseSettingsSource) -> None:
        super().__init__(settings_cls)
        self._variables: dict[str, str | None] = {}
        for source in reversed(sources):
            if isinstance(source, EnvSettingsSource):
                self._variables.update(source.env_vars)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:
        name = variable(self.settings_cls, field_name)
        path = self._variables.get(f"{name}_FILE".lower())
        if not path or not faults.is_secret(field):
            return None, field_name, False
        if self._variables.get(name.lower()):
            raise SettingsError(f"{name}_FILE: {name} is set too; allowed: one of the two")
        try:
            return read_secret(Path(path)), field_name, False
        except ValueError as error:
            raise SettingsError(f"{name}_FILE: {error}; allowed: a file that this process can read") from None

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def read_secret(path: Path) -> str:
    """What stands in a secret's file, without the end of its line. Raises ValueError that says why not."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise ValueError(f"{str(path)!r}: {why}") from None
    return text.removesuffix("\n").removesuffix("\r")


def variable(settings: type[BaseSettings], field: str) -> str:
    """The environment variable of a field."""
    known = settings.model_fields.get(field)
    alias = known.validation_alias if known is not None else None
    return alias if isinstance(alias, str) else f"{PREFIX}{field}".upper()


def _system_zone() -> ZoneInfo:
    try:
        name = str(LOCALTIME.resolve()).partition("/zoneinfo/")[2]
        if name:
            return ZoneInfo(name)
        with LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file, key="localtime")
    except (OSError, ValueError, KeyError):
        return ZoneInfo("UTC")


S = TypeVar("S", bound=NodeSettings)


def load(settings: type[S], program: str) -> S:
    """The settings from the environment; a bad one ends the process with status 2, one line per fault on stderr."""
    try:
        return settings()
    except ValidationError as error:
        lines = [faults.line(settings, dict(fault), variable) for fault in error.errors(include_url=False)]
    except SettingsError as error:
        lines = [str(error)]
    for text in dict.fromkeys(lines):
        sys.stderr.write(f"{program}: {text}\n")
    raise SystemExit(2)
