"""`soc dashboard`: the pages, the API and the engine in one process."""

from __future__ import annotations

import os
import sys

from soc.cli.say import explained
from soc.cli.serve.ports import check_port, check_store
from soc.settings import ROOT


def serve_dashboard(port: int | None) -> None:
    """Become `streamlit run app.py`: Streamlit reads its own settings, the last those beside app.py."""
    with explained():
        check_store()
        if port is not None:
            check_port(os.environ.get("STREAMLIT_SERVER_ADDRESS", "127.0.0.1"), port)
    os.execv(sys.executable, streamlit_command(port))  # noqa: S606 - the same Python, no shell, our own file


def streamlit_command(port: int | None) -> list[str]:
    """What serves the pages on this port (None: the one that is configured)."""
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    if port is not None:
        command += ["--server.port", str(port)]
    return command
