"""The built-in sandbox as this installation uses it: started on a port it keeps, connected by one click."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from soc import clock
from soc.configuration.test import test_configuration
from soc.configuration.versions import difference, tell_audit
from soc.delivery.replay import resume
from soc.domain.actor import Actor
from soc.errors import ConfigurationError
from soc.integrations.in_force import load_config
from soc.integrations.kit.addresses import allow
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.registry import KINDS, split_secrets, validate
from soc.sandbox import server as sandbox
from soc.settings import get_settings
from soc.store.db import read_session, write_session
from soc.store.nouns.integrations import list_integrations, save_integration
from soc.store.nouns.notes import NoteRow
from soc.store.unchanged import while_unchanged

log = structlog.get_logger(__name__)

_NOTE = "sandbox"
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
    """Make sure the practice vendors answer, in this process or in another one; returns their URL.

    The port is remembered, so that what is connected today still is after a restart. Raises
    ConfigurationError when something else listens there.
    """
    global _server
    with _lock:
        known = sandbox_url()
        port = int(known.rpartition(":")[2]) if known else _free_port()
        url = f"http://{sandbox.DEFAULT_HOST}:{port}"
        if (_server is None or not _server.is_running) and not _answers(port):
            _server = _start(port)
        _remember(port)
        allow(f"{sandbox.DEFAULT_HOST}:{port}")
        return url


def _start(port: int) -> sandbox.SandboxServer:
    state = get_settings().data_dir / "sandbox.jsonl"
    state.parent.mkdir(parents=True, exist_ok=True)
    try:
        return sandbox.SandboxServer(port=port, state_path=state).start()
    except OSError as error:
        raise ConfigurationError(
            f"The sandbox cannot listen on port {port} ({error.strerror or error}).",
            hint="Stop what uses the port, or remove the practice integrations and connect the sandbox again.",
        ) from None


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((sandbox.DEFAULT_HOST, port), timeout=0.5):
        return True
    return False


def _free_port() -> int:
    """The sandbox's usual port, or any free one where that is taken."""
    for port in (sandbox.DEFAULT_PORT, 0):
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((sandbox.DEFAULT_HOST, port))
            found: int = probe.getsockname()[1]
            return found
    raise ConfigurationError("No free port was found for the sandbox.")


def _remember(port: int) -> None:
    with write_session() as session:
        note = session.get(NoteRow, _NOTE) or NoteRow(name=_NOTE)
        note.value = {"port": port}
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


def practice_settings(url: str) -> dict[str, dict[str, object]]:
    """What connects each kind that has a practice vendor to the sandbox at this address."""
    return {
        name: {**kind.practice(url), "practice": True}
        for name, kind in KINDS.items()
        if kind.practice is not None
    }


def connect_sandbox(*, actor: Actor) -> dict[str, ConnectionReport]:
    """One click: start the practice vendors, save the integrations that speak to them, test each."""
    settings = practice_settings(ensure_sandbox())
    for kind, data in settings.items():
        config = validate(kind, data)
        public, secrets = split_secrets(config)
        with write_session() as session:
            changes = difference(load_config(kind, session), config)
            row = save_integration(
                session, kind, public, secrets, practice=True, actor=actor, now=clock.now(), changes=changes
            )
            tell_audit(session, kind, "save", changes, version=row.version, practice=True, actor=actor)
        resume(kind, actor=actor)
    return {kind: test_configuration(kind, actor=actor) for kind in settings}
