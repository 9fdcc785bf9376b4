"""Application settings from the environment and `.env`; the only module that reads either.

Every name begins with `SOC_`. What an integration needs is declared by its own config model.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from soc.env_text import read_env
from soc.errors import ConfigurationError
from soc.hosts import checked_address, parse_host
from soc.wrong_values import said_of
from soc.zone import parse_zone

_PACKAGE = Path(__file__).resolve().parent
IN_CHECKOUT = (_PACKAGE.parent / "pyproject.toml").is_file()
#: What leads out of the machine, or to data that is not the demonstration's own.
_LEADS_OUT = ("database_url", "files_url", "allowed_hosts", "sign_in", "oidc_providers", "heartbeat_url", "audit_stream_url")  # fmt: skip
#: app.py, .streamlit/, pages/ and data/samples/ lie below it: the checkout, or what a wheel brings (setup.py).
ROOT = _PACKAGE.parent if IN_CHECKOUT else _PACKAGE / "shipped"

_PREFIX = "SOC_"
_SQLITE = "sqlite:///"


def home() -> Path:
    """Where `.env` and the data folder are looked for: the checkout for whoever stands in it, else where one stands."""
    here = Path.cwd()
    return ROOT if IN_CHECKOUT and here.is_relative_to(ROOT) else here


def env_file() -> Path:
    """The `.env` to read, if there is one."""
    here = Path(".env")
    return here if here.exists() else home() / ".env"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="ignore", hide_input_in_errors=True)

    def __init__(self, _env_file: Path | None = None, **values: Any) -> None:
        """What the environment does not say is taken from the file, in whatever encoding its writer's tool has."""
        in_file = read_env(_env_file).values if _env_file else {}
        named = {f"{_PREFIX}{name}".upper(): name for name in type(self).model_fields}
        known = {name.upper() for name in os.environ}
        said = {name.upper(): text for name, text in in_file.items()}
        found = {named[name]: said[name] for name in said.keys() & named.keys() - known}
        super().__init__(_env_file=None, **{**found, **values})

    @classmethod
    def settings_customise_sources(cls, *_: Any, **sources: Any) -> Any:
        """The file is read above: the library's own reader of files would look for every name again."""
        return sources["init_settings"], sources["env_settings"]

    data_dir: Path = Field(default=Path("data"), description="Where the database, uploads and results live.")
    database_url: str = Field(
        default="",
        description="PostgreSQL for many workers (postgresql://user:password@host/name), or sqlite:///file; empty: SQLite in the data folder.",
    )
    migrate_at_start: bool = Field(default=True, description="Each start migrates; false: `soc migrate`.")
    files_url: str = Field(
        default="",
        description="Where uploads and results lie for all machines: s3://bucket/prefix or a folder; empty: the data folder.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Seals stored credentials; empty: generated once into the data folder of an empty store.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Hosts the product may reach beside public HTTPS, comma-separated (tickets.corp.example, 127.0.0.1:4001, 10.0.0.0/8).",
    )
    host_names: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Names by which browsers and clients may call this server, beside localhost; comma-separated.",
    )
    public_url: str = Field(
        default="",
        description="Address by which people open the dashboard (https://soc.example/path); links in tickets and alerts begin with it.",
    )
    open_pages: bool = Field(
        default=False,
        description="Says that a proxy checks who opens the pages; without it they are closed beyond this machine.",
    )
    sign_in: Annotated[tuple[Literal["local", "oidc", "proxy"], ...], NoDecode] = Field(
        default=(),
        description="How people sign in, comma-separated: local (a password kept here), oidc, proxy; empty: nobody does, and whoever "
        "reaches the pages may do everything.",
    )
    oidc_providers: SecretStr = Field(
        default=SecretStr(""),
        description='OpenID Connect, as JSON: [{"name": "Corp", "issuer": "https://id.example", "client_id": "soc", "client_secret": "…"}].',
    )
    groups_claim: str = Field(
        default="groups", min_length=1, description="The claim in which a provider names somebody's groups."
    )
    roles: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Which group gives which role, comma-separated: soc-leads=lead, soc-admins=admin. Who is in none may not come in.",
    )
    proxy_addresses: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Addresses (10.0.0.5, 10.1.0.0/16) of proxies that sign people in; their word alone is believed about who somebody is.",
    )
    proxy_user_header: str = Field(
        default="X-Forwarded-User", min_length=1, description="In which header such a proxy names the person."
    )
    proxy_groups_header: str = Field(
        default="X-Forwarded-Groups",
        min_length=1,
        description="In which header such a proxy names the person's groups, comma-separated.",
    )
    session_idle_minutes: int = Field(
        default=30, ge=1, le=1440, description="A session in which nothing is done for so long is over."
    )
    session_hours: int = Field(
        default=12, ge=1, le=168, description="A session this old is over, whatever is done in it."
    )
    approval_hours: int = Field(default=24, ge=1, le=168, description="So long a request for approval waits.")
    ca_bundle: Path | None = Field(
        default=None, description="CA certificates (PEM) to trust instead of the system's."
    )
    allow_insecure_tls: bool = Field(
        default=False, description="Lets an integration switch certificate checking off; without it none can."
    )
    zone: str = Field(
        default="",
        description="Zone of times in logs that name none and for which nobody chose one (Europe/Berlin, +02:00); empty: UTC.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="How much is logged: DEBUG, INFO, WARNING or ERROR."
    )
    workers: int = Field(
        default=0, ge=0, le=64, description="Processes that read logs; 0: one a core, at most four."
    )
    block_bytes: int = Field(
        default=4 * 1024 * 1024, ge=4096, description="How much of a log one process reads at once."
    )
    pattern_cache: Path | None = Field(
        default=None,
        description="Folder for compiled signatures, of this user alone, which several data folders may share; empty: in the data folder.",
    )
    max_upload_bytes: int = Field(
        default=2 * 1024**3, ge=1, description="Largest file taken, after unpacking."
    )
    max_batch_lines: int = Field(
        default=25_000_000,
        ge=0,
        description="A batch with more lines is held until a person says to read it; 0: never.",
    )
    max_batch_bytes: int = Field(
        default=4 * 1024**3,
        ge=0,
        description="The same for a batch with more bytes, after unpacking; 0: never.",
    )
    max_unpack_ratio: int = Field(
        default=200, ge=0, description="The same for a file that unpacks to more times its size; 0: never."
    )
    flood_cap: int = Field(
        default=25,
        ge=0,
        description="So many incidents of one batch are told at once, the gravest first; the others await release. "
        "What scores 9 or more never waits. 0: none does.",
    )
    incident_window_minutes: int = Field(
        default=60, ge=1, description="A quiet time this long ends an incident; what follows is a new one."
    )
    incident_min_score: int = Field(
        default=5, ge=1, le=10, description="Lines below this score are counted, not grouped."
    )
    keep_engine_hours: int = Field(
        default=48,
        ge=1,
        description="How long the engine keeps finished workflows (they prove nothing: the ledger does).",
    )
    keep_files_days: int = Field(
        default=90, ge=0, description="How long uploads and lines of finished batches are kept; 0: for ever."
    )
    keep_audit_days: int = Field(
        default=0,
        ge=0,
        description="How long entries of the audit are kept; what was not streamed yet stays. 0: for ever.",
    )
    reopen_days: int = Field(
        default=7,
        ge=0,
        description="What comes again within so many days after its ticket was done opens that one anew; later, a new ticket "
        "follows it.",
    )
    silence_seconds: int = Field(
        default=36,
        ge=3,
        le=60,
        description="A process silent for so long is taken for gone: others go on with its work. The same everywhere.",
    )
    heartbeat_url: SecretStr = Field(
        default=SecretStr(""),
        description="Called after each look at the escalations that found nothing late (a dead man's switch); empty: none.",
    )
    audit_stream_url: SecretStr = Field(
        default=SecretStr(""),
        description="Where each entry of the audit goes as ECS: https://… (NDJSON), syslog+tls://host:6514 or syslog+tcp://host; empty: nowhere.",
    )
    tell_troubles: bool = Field(
        default=True, description="Tells over an integration that works what is wrong with the product."
    )
    trace_vendors: bool = Field(
        default=False, description="Sends `traceparent` to vendors, which may add to the trace."
    )
    demo: bool = Field(
        default=False,
        description="Set by `soc dashboard --demo`: its practice vendors are all that it reaches.",
    )
    executor_id: str = Field(default="", description="This process's name for the engine; keep it.")

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        return parse_zone(value)

    @field_validator("allowed_hosts", "host_names", "sign_in", "roles", "proxy_addresses", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        """Without a slash at its end. What is no address is refused at the start: each link would be wrong."""
        text = value.strip()
        return checked_address(text).rstrip("/") if text else ""

    @field_validator("host_names")
    @classmethod
    def _written_as_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if parse_host(name) is None:
                raise ValueError(
                    "SOC_HOST_NAMES takes bare names such as soc.example or soc.example:8443, comma-separated: "
                    "no scheme, no path, no wildcard, no dot at the end"
                )
        return value

    @field_validator("database_url")
    @classmethod
    def _of_a_file(cls, value: str) -> str:
        """SQLite's file by its whole path: it must not change when a process changes its folder."""
        if not value.startswith("sqlite:"):
            return value
        name = value.removeprefix(_SQLITE)
        if name == value or not name or name.startswith(":"):
            raise ValueError("is written sqlite:///file.db, or with four slashes before a whole path")
        return f"{_SQLITE}{(home() / Path(name).expanduser()).resolve()}"

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        """It must not change when a process changes its folder."""
        return (home() / value if value == Path("data") else value.expanduser()).resolve()

    @property
    def patterns_dir(self) -> Path:
        """Where compiled signatures are kept: they take seconds to make and can be made anew."""
        return self.pattern_cache.expanduser().resolve() if self.pattern_cache else self.data_dir / "cache"

    @property
    def many_machines(self) -> bool:
        """Another machine may read what this one takes in."""
        return self.sqlite_file is None or "://" in self.files_url

    @property
    def sqlite_file(self) -> Path | None:
        """Where the store lies on SQLite; None on a database server."""
        if not self.database_url:
            return self.data_dir / "soc.db"
        return (
            Path(self.database_url.removeprefix(_SQLITE)) if self.database_url.startswith(_SQLITE) else None
        )

    @property
    def sqlite_engine_file(self) -> Path:
        """Where the engine's tables lie on SQLite: in the data folder, or beside a store that lies elsewhere."""
        usual = self.data_dir / "soc.db"
        store = self.sqlite_file or usual
        return self.data_dir / "engine.db" if store == usual else store.with_name(f"{store.stem}-engine.db")

    @property
    def worker_count(self) -> int:
        return self.workers or min(4, os.cpu_count() or 1)


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process, read once. Tests call `get_settings.cache_clear()`.

    Raises ConfigurationError, which names every variable that cannot be used and repeats no value.
    """
    wrong: list[str] = []
    try:
        found = Settings(_env_file=env_file())
        if not (refused := [one for one in _LEADS_OUT if found.demo and getattr(found, one)]):
            return found
        wrong = [f"SOC_{one.upper()}: a demonstration has none" for one in refused]
    except ValidationError as error:
        wrong = [
            f"SOC_{'_'.join(map(str, one['loc'])).upper()}: {said_of(one)}"
            for one in error.errors(include_input=False, include_url=False)
        ]
    raise ConfigurationError(
        f"The settings cannot be used. {'; '.join(wrong)}.", hint="Mend it in the environment or in .env."
    )
