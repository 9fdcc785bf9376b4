"""`soc dashboard`: the pages, the API and the engine in one process."""

from __future__ import annotations

import os
import sys

from soc.cli.say import explained
from soc.settings import ROOT
from soc.store.files import get_files


def serve_dashboard(port: int | None) -> None:
    """Become `streamlit run app.py`: Streamlit reads its own settings, the last those beside app.py."""
    with explained():
        get_files()  # a SOC_FILES_URL that cannot be used is said now, not at the first upload
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py")]
    if port is not None:
        command += ["--server.port", str(port)]
    os.execv(sys.executable, command)  # noqa: S606 - the same Python, no shell, our own file
