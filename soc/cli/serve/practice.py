"""`soc sandbox`: the practice vendors in a process of their own."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from soc.cli.serve.ports import check_port
from soc.configuration.practice import sandbox_token
from soc.errors import SocError
from soc.sandbox.server import DEFAULT_HOST, DEFAULT_PORT, serve
from soc.settings import get_settings


def serve_sandbox(port: int | None, *, fresh: bool) -> None:
    """Serve until it is interrupted; `fresh` forgets what was practised before. Raises typer.Exit."""
    check_port(DEFAULT_HOST, port or DEFAULT_PORT)
    state = get_settings().data_dir / "sandbox.jsonl"
    state.parent.mkdir(parents=True, exist_ok=True)
    if fresh:
        state.unlink(missing_ok=True)
    serve(port=port or DEFAULT_PORT, state_path=state, token=_token())


def _token() -> str:
    """This installation's, so that its processes know these practice vendors for theirs; "" where there is no store yet."""
    with suppress(SocError, SQLAlchemyError):
        return sandbox_token()
    return ""
