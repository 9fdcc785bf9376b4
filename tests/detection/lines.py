"""Lines of a log with a time to the second, so that a test can stand on either side of an edge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEGIN = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
#: The window of the tests, in seconds (the default of SOC_INCIDENT_WINDOW_MINUTES).
WINDOW = 3600


def at(seconds: float) -> str:
    return f"{BEGIN + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def failure(seconds: float, address: str = "203.0.113.9", user: str = "bob") -> str:
    return f"{at(seconds)} h sshd[1]: Failed password for {user} from {address} port 2 ssh2\n"


def success(seconds: float, address: str = "203.0.113.9", user: str = "bob") -> str:
    return f"{at(seconds)} h sshd[1]: Accepted password for {user} from {address} port 2 ssh2\n"


def failures(count: int, seconds: float = 0, address: str = "203.0.113.9") -> str:
    return "".join(failure(seconds, address) for _ in range(count))


def refused(seconds: float, port: int, address: str = "203.0.113.9") -> str:
    return f"{at(seconds)} fw kernel: [UFW BLOCK] IN=eth0 OUT= SRC={address} DST=192.0.2.1 PROTO=TCP SPT=4 DPT={port}\n"


def missing(seconds: float, path: str, address: str = "203.0.113.9", status: int = 404) -> str:
    moment = f"{BEGIN + timedelta(seconds=seconds):%d/%b/%Y:%H:%M:%S +0000}"
    return f'{address} - - [{moment}] "GET {path} HTTP/1.1" {status} 9 "-" "Mozilla/5.0"\n'
