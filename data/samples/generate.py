"""Writes the sample logs of one believable night, always the same bytes: `python data/samples/generate.py`.

The company (Nordlicht Freight, nordlicht.example) does not exist. Addresses come only from the ranges that are
reserved for documentation (RFC 5737, RFC 3849), names from `.example`. README.md beside this file tells the story.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

from story import hosts, perimeter, services

FILES: dict[str, Callable[[], str]] = {
    "web-access.log": perimeter.web_access,
    "auth-syslog.log": hosts.auth_syslog,
    "app.jsonl": services.app_jsonl,
    "firewall-rfc5424.log": perimeter.firewall,
    "events.csv": services.events_csv,
    "backup-agent.log.gz": hosts.backup_agent,
}


def write(folder: Path) -> None:
    """Write every file into `folder` and print its size."""
    for name, make in FILES.items():
        text = make()
        content = text.encode()
        if name.endswith(".gz"):
            content = gzip.compress(content, 9, mtime=0)
        (folder / name).write_bytes(content)
        print(f"{name:<22} {text.count(chr(10)):>6} lines {len(content):>9} bytes")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
