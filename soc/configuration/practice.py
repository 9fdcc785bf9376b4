"""The built-in sandbox as this installation uses it: started on a port it keeps, connected by one click."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog
from pydantic import SecretStr

from soc import clock
from soc.configuration.test import test_configuration
from soc.configuration.versions import difference, tell_audit
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.errors import ConfigurationError
from soc.integrations.in_force import load_usable
from soc.integrations.kit.addresses import allow
from soc.integrations.kit.base import ConnectionReport, IntegrationConfig
from soc.integrations.registry import KINDS, split_secrets, validate
from soc.sandbox import server as sandbox
from soc.sandbox.faults import Faults
from soc.sandbox.identity import Whose, ask, new_token
from soc.sandbox.kit.journal import JournalInUse
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.combined.practice import lead_elsewhere
from soc.store.nouns.installation.notes import NoteRow
from soc.store.nouns.vendors.integrations import list_integrations, save_integration
from soc.store.unchanged import while_unchanged

log = structlog.get_logger(__name__)

_NOTE = "sandbox"
_MOVING = Actor.system("sandbox")
_lock = threading.Lock()
_server: sandbox.SandboxServer | None = None


def sandbox_url() -> str | None:
    """The console of the practice vendors (`http://127.0.0.1:8610`), None where they were never used."""
    with read_session() as session:
        note = session.get(NoteRow, _NOTE)
    return f"http://{sandbox.DEFAULT_HOST}:{note.value['port']}" if note else None


#: The same for a page, which asks at every run.
kept_sandbox_url = while_unchanged(sandbox_url)


def practice_is_connected() -> bool:
    with read_session() as session:
        return any(row.practice for row in list_integrations(session))


def ensure_sandbox() -> str:
    """Make sure that our practice vendors answer, in this process or in another one; returns their URL.

    The port is remembered, so that what is connected today still is after a restart. Whoever listens there has to prove
    that he is ours: where another installation (or anything else) has taken the port meanwhile, ours take another one and
    what is connected to them moves along. Raises ConfigurationError when they cannot be had.
    """
    global _server
    with _lock:
        known, token = sandbox_url(), sandbox_token() or new_token()
        port = int(known.rpartition(":")[2]) if known else _free_port()
        if _server is None or not _server.is_running:
            whose = ask(sandbox.DEFAULT_HOST, port, token) if known else Whose.NOBODY
            if whose is Whose.NOBODY:
                _server = _start(port, token)
            elif whose is Whose.ANOTHER:
                port = _move(port, token)
        _remember(port, token)
        allow(f"{sandbox.DEFAULT_HOST}:{port}")
        return f"http://{sandbox.DEFAULT_HOST}:{port}"


def sandbox_token() -> str:
    """What our practice vendors prove themselves by, "" where they were never used."""
    with read_session() as session:
        note = session.get(NoteRow, _NOTE)
    return str(note.value.get("token", "")) if note else ""


def _move(port: int, token: str) -> int:
    """Begin on another port than this one, which is not ours, and lead there what was connected to it; returns the new one."""
    global _server
    _server = _start(0, token)
    moved = _server.port
    log.warning("sandbox_moved", from_port=port, to_port=moved, reason="the port is another's")
    old, new = (f"http://{sandbox.DEFAULT_HOST}:{one}" for one in (port, moved))
    for kind in KINDS:
        config = load_usable(kind)
        if config is not None and config.practice:
            _save(kind, _elsewhere(config, old, new), actor=_MOVING)
    with write_session() as session:
        lead_elsewhere(session, old, new, actor=_MOVING)
    return moved


def _elsewhere(config: IntegrationConfig, old: str, new: str) -> IntegrationConfig:
    """The same at another address."""
    changed: dict[str, str | SecretStr] = {}
    for name in type(config).model_fields:
        value = getattr(config, name)
        if isinstance(value, SecretStr):
            changed[name] = SecretStr(value.get_secret_value().replace(old, new))
        elif isinstance(value, str):
            changed[name] = value.replace(old, new)
    return config.model_copy(update=changed)


def _start(port: int, token: str) -> sandbox.SandboxServer:
    state = get_settings().data_dir / "sandbox.jsonl"
    state.parent.mkdir(parents=True, exist_ok=True)
    try:
        return sandbox.SandboxServer(port=port, state_path=state, token=token).start()
    except JournalInUse:
        raise ConfigurationError(
            "Another process of this installation holds the practice vendors, and they do not answer.",
            hint="Wait until they do, or end that process; then connect the sandbox again.",
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"The sandbox cannot listen on port {port} ({error.strerror or error}).",
            hint="Stop what uses the port, or remove the practice integrations and connect the sandbox again.",
        ) from None


def _free_port() -> int:
    """The sandbox's usual port, or any free one where that is taken."""
    for port in (sandbox.DEFAULT_PORT, 0):
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((sandbox.DEFAULT_HOST, port))
            found: int = probe.getsockname()[1]
            return found
    raise ConfigurationError("No free port was found for the sandbox.")


def _remember(port: int, token: str) -> None:
    with write_session() as session:
        note = session.get(NoteRow, _NOTE) or NoteRow(name=_NOTE)
        note.value = {"port": port, "token": token}
        session.add(note)


def allow_sandbox() -> None:
    """Let this process speak to the sandbox that the installation remembers."""
    url = sandbox_url()
    if url is not None:
        allow(url.removeprefix("http://"))


def resume_practice() -> None:
    """At start: where practice integrations are saved, their vendors answer again."""
    if practice_is_connected():
        try:
            ensure_sandbox()
        except ConfigurationError as error:
            log.warning("sandbox_not_started", error=str(error))


def stop_sandbox() -> None:
    global _server
    with _lock:
        if _server is not None:
            _server.stop()
            _server = None


@contextmanager
def practising() -> Iterator[None]:
    """For a command that asks vendors: where practice is connected, the practice vendors answer meanwhile."""
    resume_practice()
    try:
        yield
    finally:
        stop_sandbox()


def practice_faults() -> Faults:
    """The fault switches of the practice vendors of this very process. Raises ConfigurationError where they are not here."""
    if _server is None:
        raise ConfigurationError(
            "The practice vendors do not run in this process.", hint="Connect the sandbox first."
        )
    return _server.faults


def practice_settings(url: str) -> dict[str, dict[str, object]]:
    """What connects each kind that has a practice vendor to the sandbox at this address."""
    return {
        name: {**kind.practice(url), "practice": True}
        for name, kind in KINDS.items()
        if kind.practice is not None
    }


def _save(kind: str, config: IntegrationConfig, *, actor: Actor) -> None:
    public, secrets = split_secrets(config)
    with write_session() as session:
        changes = difference(load_usable(kind, session), config)
        row = save_integration(
            session, kind, public, secrets, practice=True, actor=actor, now=clock.now(), changes=changes
        )
        tell_audit(session, kind, "save", changes, version=row.version, practice=True, actor=actor)


def connect_sandbox(*, actor: Actor) -> dict[str, ConnectionReport]:
    """One click: start the practice vendors, save the integrations that speak to them, test each."""
    settings = practice_settings(ensure_sandbox())
    for kind, data in settings.items():
        _save(kind, validate(kind, data), actor=actor)
        resume(kind, actor=actor)
    return {kind: test_configuration(kind, actor=actor) for kind in settings}
