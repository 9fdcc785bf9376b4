"""Small logs for tests of detection, and an analysis of one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from soc.analysis import Analysis, analyse_files
from soc.detection.ruleset import Ruleset
from soc.logs.layout import SourceFile
from soc.settings import Settings


def analyse(text: str, folder: Path, settings: Settings, ruleset: Ruleset | None = None) -> Analysis:
    """The text as one file `a.log`."""
    path = folder / "upload"
    path.write_text(text)
    return analyse_files(
        [SourceFile("a.log", path)], batch_id="bat-1", out_dir=folder / "out", settings=settings, ruleset=ruleset
    )  # fmt: skip


def login(micros: int, *, failed: bool = True, ip: str = "203.0.113.9") -> str:
    """One login at so many microseconds after 02:00."""
    moment = f"2026-03-01T{2 + micros // 3_600_000_000:02d}:{micros // 60_000_000 % 60:02d}:{micros // 1_000_000 % 60:02d}.{micros % 1_000_000:06d}Z"
    said = "Failed" if failed else "Accepted"
    return f"{moment} web1 sshd[7]: {said} password for eve from {ip} port 40 ssh2\n"


def logins(failures: Sequence[int], *successes: int) -> str:
    """Failures and then successes, at these microseconds."""
    return "".join([*(login(at) for at in failures), *(login(at, failed=False) for at in successes)])
