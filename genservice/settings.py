"""Settings, and the only reader of the environment."""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

import msgspec
import platformdirs
from msgspec import Meta

from genservice.domain import Place
from genservice.domain.access import RateLimit, read_limits
from genservice.domain.lifetimes import read_lifetimes
from genservice.errors import SettingsError
from genservice.master_keys import MasterKeyPlace
from genservice.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genservice.domain import Channel

PREFIX = "GENSERVICE_"
WATERMARK_FILE = "watermark.key"
"""In the keystore: the secret of the watermark."""
CACHE_FILE = "cache.key"
"""In the keystore: the secret that texts in Valkey are sealed under."""

Seconds = Annotated[float, Meta(ge=0.01, le=600)]
Connections = Annotated[int, Meta(ge=2, le=200)]
Bytes = Annotated[int, Meta(ge=0, le=2**40)]
Attempts = Annotated[int, Meta(ge=1, le=20)]
Vendor = Annotated[int, Meta(ge=0, le=65535)]
Days = Annotated[int, Meta(ge=0, le=3650)]
Delay = Annotated[float, Meta(ge=0, le=600)]
Workers = Annotated[int, Meta(ge=1, le=64)]
HSTS = Annotated[int, Meta(ge=0, le=63072000)]
Port = Annotated[int, Meta(ge=0, le=65535)]

_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")


def _home() -> Path:
    return Path(platformdirs.user_data_dir("genservice", appauthor=False))


class DatabaseLimits(TypedDict):
    """How long a store waits for its database, and how many connections it opens."""

    patience: float
    statement_timeout: float
    connections: int


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set. Each field is `GENSERVICE_<NAME>` in the environment."""

    data: Path = msgspec.field(default_factory=lambda: _home() / "data")
    """Folder of the database."""
    keystore: Path = msgspec.field(default_factory=lambda: _home() / "keystore")
    """Folder of the signing keys and viewers' keys; another one than `data`, and in no data backup."""
    keystore_url: str = ""
    """SQLAlchemy URL of the database of viewers' keys; empty means SQLite in `keystore`."""
    master_key: str = ""
    """Wraps viewers' keys: 32 bytes in base64url; several with commas, of which the first wraps; empty: a file."""
    master_key_file: str = ""
    """A file that holds it; empty means `master.key` in `keystore`, made at first start."""
    database_url: str = ""
    """`postgresql://USER:PASSWORD@HOST/DATABASE`, or another SQLite file's; empty means SQLite in `data`."""
    database_timeout: Seconds = 5.0
    """Seconds to wait for a lock, or for a free or a new connection, 0.01 to 600."""
    database_statement_timeout: Seconds = 30.0
    """Seconds that PostgreSQL may take for one statement, 0.01 to 600."""
    database_connections: Connections = 10
    """Most connections of this process to PostgreSQL, 2 to 200; half of them write."""
    policies: Path = msgspec.field(default_factory=lambda: shipped("policies"))
    """Folder of the policy set."""
    policy_source: Literal["files", "registry"] = "files"
    """Who rules: the folder, which is watched; or the database, which the folder only fills at first."""
    prompts: Path = msgspec.field(default_factory=lambda: shipped("prompts"))
    """Folder of prompts and house phrases."""
    catalogue: Path = msgspec.field(default_factory=lambda: shipped("catalogue"))
    """Folder of the vocabulary and of the titles imported at first start."""
    model: str = "embedded"
    """`embedded`, a hub id, a folder, or the http address of an OpenAI-compatible server."""
    model_name: str = ""
    """Which model of such a server; empty means the first it lists."""
    model_key: str = ""
    """Bearer key for such a server."""
    model_processor: Literal["own_server", "third_party"] = "third_party"
    """Whose server it is: rules may ask."""
    model_timeout: Seconds = 20.0
    """Seconds one text may take, 0.01 to 600."""
    watermark: Literal["off", "on"] = "off"
    """Whether long texts of a model in this process that writes freely carry a watermark."""
    attempts: Attempts = 4
    """How often a text is written until one passes the checks, 1 to 20; then the twin is served."""
    guard_timeout: Seconds = 2.0
    """Seconds one screening may take, 0.01 to 600."""
    guard_nlp: str = ""
    """A Presidio NLP engine configuration: its model reads beside ours; empty: none."""
    guard_recognisers: str = ""
    """A Presidio recogniser registry: its recognisers read beside ours; empty: none."""
    cache_bytes: Bytes = 67108864
    """Most bytes of texts kept in memory by this process, 0 to 2**40; 0: none."""
    answer_bytes: Bytes = 67108864
    """Most bytes of whole answers kept in memory by this process, 0 to 2**40; 0: none."""
    cache_url: str = ""
    """`valkey://HOST:PORT/DB` or `redis://...`: texts and counts of requests are shared there; empty: not."""
    cache_timeout: Seconds = 0.1
    """Seconds that Valkey may take for one answer, 0.01 to 600; then it is done without."""
    cache_lifetimes: str = "tile=1d, push=1h, home_row=1d, email=6h, detail=7d"
    """How long texts stay in both, by channel, in s, m, h or d; the database keeps them."""
    tcf_vendor: Vendor = 0
    """Our id on IAB Europe's Global Vendor List: TC strings must then name it too; 0: none."""
    twins: str = "promo/detail/medium, promo/tile/short, synopsis/detail/medium"
    """Places that the running service writes neutral twins for beforehand; empty: none."""
    decision_log_days: Days = 90
    """Days that the decision log is kept, 0 to 3650; 0: nothing is logged, and nothing is kept."""
    servings_days: Days = 90
    """Days that it is kept what a viewer was shown, 0 to 3650; 0: not at all."""
    log_heads: str = ""
    """Folder of the signed heads of the decision log; empty means `log-heads` in `keystore`."""
    replay_timeout: Seconds = 30.0
    """Seconds one replay over HTTP may take, 0.01 to 600."""
    rate_limits: str = (
        "admin=600/minute, app=300000/minute, editor=600/minute, policy_owner=600/minute, "
        "privacy_officer=600/minute, viewer=120/minute, failed=60/minute"
    )
    """Most requests of one key by its role, of one viewer, and most failed ones of one address."""
    body_timeout: Seconds = 30.0
    """Seconds in which the body of a request must be there, 0.01 to 600; imports have 600."""
    request_timeout: Seconds = 120.0
    """Seconds until an answer must begin, and longest silence of a stream, 0.01 to 600; imports have 600."""
    stop_delay: Delay = 0.0
    """Seconds that a process told to stop still takes requests, and `/health/ready` says not to send any, 0 to 600."""
    drain_timeout: Seconds = 30.0
    """Seconds that what is under way at a stop has to end, 0.01 to 600; then it is cut off."""
    start_timeout: Seconds = 120.0
    """Seconds in which each of several workers must be ready, 0.01 to 600."""
    cors_origins: str = ""
    """Origins whose pages may read answers, as in `https://app.example`; empty: none."""
    hsts_seconds: HSTS = 0
    """Seconds of Strict-Transport-Security, for a service behind TLS; 0: it is not sent."""
    trusted_proxies: str = ""
    """Addresses and networks whose X-Forwarded-For says who asks; empty: none."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """From which level on events of the service are logged; of libraries warnings and errors are."""
    log_format: Literal["json", "console"] = "json"
    """`json`, one object a line, or `console`, lines for people."""
    traces: Literal["none", "otlp"] = "none"
    """`otlp`: spans go where the OTEL_EXPORTER_OTLP_* of OpenTelemetry say; wants `genservice[telemetry]`."""
    host: str = "127.0.0.1"
    """Address to listen on."""
    port: Port = 8765
    """Port to listen on; 0 picks a free one."""
    workers: Workers = 1
    """Processes that answer, 1 to 64, behind that one port."""

    def database(self) -> str | Path:
        """Where the database is: its URL, or the file of an SQLite one in `data`."""
        return self.database_url or self.data / "genservice.db"

    def database_limits(self) -> DatabaseLimits:
        """What `open_store` is told of how long to wait, and how many connections to open."""
        return DatabaseLimits(
            patience=self.database_timeout,
            statement_timeout=self.database_statement_timeout,
            connections=self.database_connections,
        )

    def database_called(self) -> str:
        """What errors call the database: its file, or the setting, for a URL may hold a password."""
        return f"{PREFIX}DATABASE_URL" if self.database_url else str(self.database())

    def keystore_database(self) -> str | Path:
        """Where viewers' keys are: a URL, or the file of an SQLite database in `keystore`.

        Raises:
            SettingsError: The data would be in the same database.
        """
        if self.keystore_url and self.keystore_url == self.database_url:
            raise SettingsError(
                f"{PREFIX}KEYSTORE_URL: another database than {PREFIX}DATABASE_URL, for its backups would"
                " hold the keys as well"
            )
        return self.keystore_url or self.keystore / "viewers.db"

    def master_keys(self) -> MasterKeyPlace:
        """Where the master keys lie.

        Raises:
            SettingsError: Two places are set.
        """
        if self.master_key and self.master_key_file:
            raise SettingsError(f"{PREFIX}MASTER_KEY_FILE: {PREFIX}MASTER_KEY is set as well")
        file = Path(self.master_key_file).expanduser() if self.master_key_file else None
        return MasterKeyPlace(keystore=self.keystore, setting=self.master_key, file=file)

    def heads_folder(self) -> Path:
        """Where the signed heads of the decision log are."""
        return Path(self.log_heads).expanduser() if self.log_heads else self.keystore / "log-heads"

    def guard_files(self) -> tuple[Path | None, Path | None]:
        """Where `guard_nlp` and `guard_recognisers` lie."""
        nlp, recognisers = (
            Path(file).expanduser() if file else None
            for file in (self.guard_nlp, self.guard_recognisers)
        )
        return nlp, recognisers

    def places(self) -> tuple[Place, ...]:
        """The places of `twins`, each once.

        Raises:
            SettingsError: One of them is no place that texts are written for.
        """
        parts = enumerate(_listed(self.twins), 1)
        return tuple(dict.fromkeys(_place(part, number) for number, part in parts))

    def limits(self) -> dict[str, RateLimit | None]:
        """The limits of `rate_limits`, over those that hold by default.

        Raises:
            SettingsError: One of them is no limit.
        """
        (field,) = (f for f in msgspec.structs.fields(Settings) if f.name == "rate_limits")
        try:
            return {**read_limits(str(field.default)), **read_limits(self.rate_limits)}
        except ValueError as error:
            raise SettingsError(f"{PREFIX}RATE_LIMITS: {error}") from None

    def lifetimes(self) -> dict[Channel, int]:
        """The seconds of `cache_lifetimes`, over those that hold by default.

        Raises:
            SettingsError: One of them is no lifetime.
        """
        (field,) = (f for f in msgspec.structs.fields(Settings) if f.name == "cache_lifetimes")
        try:
            return {**read_lifetimes(str(field.default)), **read_lifetimes(self.cache_lifetimes)}
        except ValueError as error:
            raise SettingsError(f"{PREFIX}CACHE_LIFETIMES: {error}") from None

    def origins(self) -> tuple[str, ...]:
        """The origins of `cors_origins`, each once.

        Raises:
            SettingsError: One of them is no origin; a pattern is none.
        """
        found = tuple(dict.fromkeys(_listed(self.cors_origins)))
        for number, origin in enumerate(found, 1):
            if not _ORIGIN.fullmatch(origin):
                raise SettingsError(
                    f"{PREFIX}CORS_ORIGINS: origin {number} is not scheme://host or"
                    " scheme://host:port, in small letters, as in https://app.example"
                )
        return found

    def proxies(self) -> tuple[str, ...]:
        """The addresses and networks of `trusted_proxies`.

        Raises:
            SettingsError: One of them is neither.
        """
        found = tuple(_listed(self.trusted_proxies))
        for number, address in enumerate(found, 1):
            try:
                ip_network(address)
            except ValueError:
                raise SettingsError(
                    f"{PREFIX}TRUSTED_PROXIES: {number} is no address or network, as in 10.0.0.0/8"
                ) from None
        return found


def environment(**more: str) -> dict[str, str]:
    """What a process that this one starts has for its environment: this one's, and more."""
    return {**os.environ, **more}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def read_settings(environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """Settings from the environment, or from the file that GENSERVICE_SETTINGS names.

    The environment beats the file, and `overrides` that are not None beat both. The file holds
    `NAME=VALUE` lines; blank lines and lines that start with `#` are skipped.

    Raises:
        SettingsError: A name is unknown in the file, or a value has the wrong shape or lies out of bounds.
    """
    environ = os.environ if environ is None else environ
    fields = set(Settings.__struct_fields__)
    values: dict[str, Any] = {}
    if file := environ.get(PREFIX + "SETTINGS"):
        values.update(_read_file(Path(file), fields))
    for field in fields:
        if (value := environ.get(PREFIX + field.upper())) is not None:
            values[field] = value
    values.update({name: value for name, value in overrides.items() if value is not None})
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_to_path)
    except msgspec.ValidationError as error:
        name = str(error).rpartition(" - at `$.")[2].rstrip("`")
        raise SettingsError(f"{PREFIX}{name.upper()}: expected {_expected(name)}") from None
    settings.places()
    settings.limits()
    settings.lifetimes()
    settings.origins()
    settings.proxies()
    return settings


def _expected(name: str) -> str:
    """What a setting may be, in words; what it was set to may be a secret in the wrong place."""
    (field,) = (field for field in msgspec.structs.fields(Settings) if field.name == name)
    match msgspec.inspect.type_info(field.type):
        case msgspec.inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case msgspec.inspect.FloatType(ge=low, le=high):
            return f"a number from {low} to {high}"
        case msgspec.inspect.LiteralType(values=words):
            return f"one of {', '.join(map(str, words))}"
        case _:
            return "text"


_WRITTEN = ("promo", "synopsis")


def _place(text: str, number: int) -> Place:
    purpose, channel, length = (*text.split("/", 2), "", "")[:3]
    try:
        place = msgspec.convert({"purpose": purpose, "channel": channel, "length": length}, Place)
    except msgspec.ValidationError:
        place = None
    if place is None or place.purpose not in _WRITTEN:
        raise SettingsError(
            f"{PREFIX}TWINS: place {number} is not PURPOSE/CHANNEL/LENGTH, as in promo/tile/short"
        )
    return place


def _read_file(path: Path, fields: set[str]) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"GENSERVICE_SETTINGS: {path} cannot be read") from None
    values: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, separator, value = text.partition("=")
        field = name.strip().removeprefix(PREFIX).lower()
        if not separator or field not in fields:
            raise SettingsError(f"{path}:{number}: not a setting of genservice")
        values[field] = value.strip().strip('"')
    return values


def _to_path(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value).expanduser()
    # What msgspec asks of a hook for a type that is not its own.
    raise NotImplementedError(kind)
