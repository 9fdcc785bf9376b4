"""The logs of one stretch of time at Nordlicht Freight, ordinary but for what is hidden in it. The same seed, the same bytes.

The company does not exist; addresses are of ranges reserved for documentation (RFC 5737, RFC 3849).
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple

_STAFF = ("mkoller", "ahansen", "jwirth", "olarsen", "sbrandt", "nfischer")
_TARGETS = ("root", "admin", "deploy", "oracle", "postgres", "ubuntu", "backup")
_PAGES = (
    "/",
    "/tracking",
    "/rates",
    "/contact",
    "/login",
    "/assets/site.css",
    "/assets/app.js",
    "/api/v2/shipments",
)
_PROBES = (
    "/.env", "/.git/config", "/wp-login.php", "/phpmyadmin/index.php", "/admin", "/actuator/env", "/cgi-bin/test.cgi",
    "/backup.zip", "/db.sql", "/.aws/credentials", "/solr/admin/info/system", "/owa/auth/logon.aspx", "/xmlrpc.php",
)  # fmt: skip
_INJECTIONS = (
    "1%27+OR+%271%27%3D%271",
    "1%27+UNION+SELECT+user%2Cpassword+FROM+users--",
    "1%3B+DROP+TABLE+orders--",
)
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
)
_DISKS = ("db-01", "db-02", "files-01", "build-03")


class Night:
    """Lines by file, written in the order of their times."""

    def __init__(self, dice: random.Random, start: datetime, end: datetime) -> None:
        self.dice, self.start, self.end = dice, start, end
        self._lines: dict[str, list[tuple[datetime, str]]] = {}

    def any_time(self) -> datetime:
        return self.start + (self.end - self.start) * self.dice.random()

    def early(self) -> datetime:
        """Early enough that what goes on for half an hour ends within the night."""
        return self.start + (self.end - self.start) * self.dice.uniform(0.05, 0.75)

    def port(self) -> int:
        """One that a client speaks from."""
        return self.dice.randrange(30000, 60000)

    def stranger(self) -> str:
        if self.dice.random() < 0.12:
            return f"2001:db8:{self.dice.randrange(1, 60000):x}::{self.dice.randrange(1, 60000):x}"
        return f"{self.dice.choice(('198.51.100', '203.0.113'))}.{self.dice.randrange(2, 250)}"

    def auth(self, at: datetime, text: str, *, host: str = "bastion-01", program: str = "sshd") -> None:
        line = f"{at:%Y-%m-%dT%H:%M:%S}Z {host} {program}[{self.dice.randrange(900, 32000)}]: {text}"
        self._add("auth.log", at, line)

    def web(self, at: datetime, who: str, request: str, status: int, *, agent: str = "") -> None:
        size, browser = self.dice.randrange(180, 42000), agent or self.dice.choice(_BROWSERS)
        self._add(
            "web-access.log",
            at,
            f'{who} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{request} HTTP/1.1" {status} {size} "-" "{browser}"',
        )

    def app(self, at: datetime, level: str, service: str, message: str, **more: object) -> None:
        said = {
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%S}Z",
            "level": level,
            "service": service,
            "message": message,
            **more,
        }
        self._add("services.jsonl", at, json.dumps(said))

    def firewall(self, at: datetime, act: str, source: str, target: str, port: int, note: str = "") -> None:
        fields = f'action="{act.lower()}" proto="tcp" src="{source}" dst="{target}" dpt="{port}"'
        text = note or f"{act} TCP {source} to {target} port {port}"
        self._add(
            "firewall.log",
            at,
            f"<134>1 {at:%Y-%m-%dT%H:%M:%S}Z fw-01.nordlicht.example filterd 811 {act} [fw@32473 {fields}] {text}",
        )

    def _add(self, file: str, at: datetime, line: str) -> None:
        self._lines.setdefault(file, []).append((at, line))

    def files(self) -> dict[str, str]:
        """File → its text."""
        return {
            name: "".join(f"{line}\n" for _, line in sorted(lines, key=lambda one: one[0]))
            for name, lines in sorted(self._lines.items())
        }


Happening = Callable[[Night], None]


class Told(NamedTuple):
    """How often, of a hundred nights, it happens."""

    happening: Happening
    percent: int


def write_night(
    dice: random.Random, start: datetime, end: datetime, *, surely: Collection[Happening] = ()
) -> dict[str, str]:
    """File → its text, of the time from `start` to `end`. What happens `surely` happens whatever the dice say."""
    night = Night(dice, start, end)
    _ordinary(night)
    for happening, percent in HAPPENINGS:
        if dice.random() * 100 < percent or happening in surely:
            happening(night)
    return night.files()


def _ordinary(night: Night) -> None:
    dice = night.dice
    for _ in range(int(330 * dice.uniform(0.7, 1.3))):
        status = dice.choices((200, 304, 404), (90, 8, 2))[0]
        night.web(night.any_time(), night.stranger(), f"GET {dice.choice(_PAGES)}", status)
    for _ in range(40):
        at, user = night.any_time(), dice.choice(_STAFF)
        night.auth(
            at,
            f"Accepted publickey for {user} from 192.0.2.{dice.randrange(20, 60)} port {night.port()} ssh2",
        )
        night.auth(at, f"pam_unix(sshd:session): session opened for user {user}(uid=1001) by (uid=0)")
    for _ in range(150):
        service = dice.choice(("orders-api", "rates-api", "billing", "tracking-web"))
        asked = (
            f"GET /v2/{dice.choice(('orders', 'rates', 'bills'))}/{dice.randrange(9999)} completed with 200"
        )
        night.app(
            night.any_time(), "INFO", service, asked, http_status=200, latency_ms=dice.randrange(8, 160)
        )
    for _ in range(90):
        night.firewall(night.any_time(), "ALLOW", night.stranger(), "192.0.2.10", 443)
    for _ in range(8):
        text = "DeprecationWarning: /v1/rates is deprecated and will be removed, use /v2/rates"
        night.app(night.any_time(), "WARN", "rates-api", text)


def _guess(night: Night) -> tuple[datetime, str]:
    """Some minutes of guessing at passwords; when it ended, and from where."""
    dice, at, who = night.dice, night.early(), night.stranger()
    for _ in range(dice.randrange(60, 160)):
        at += timedelta(seconds=dice.uniform(1, 6))
        night.auth(at, f"Failed password for {dice.choice(_TARGETS)} from {who} port {night.port()} ssh2")
    return at, who


def guess_passwords(night: Night) -> None:
    """Passwords are guessed, and none is right."""
    _guess(night)


def break_in(night: Night) -> None:
    """Passwords are guessed, one is right, and what follows is worse."""
    at, who = _guess(night)
    user = night.dice.choice(("backup", "deploy"))
    night.auth(at + timedelta(seconds=5), f"Accepted password for {user} from {who} port {night.port()} ssh2")
    spied = f"{user} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow"
    night.auth(at + timedelta(minutes=2), spied, program="sudo")
    added = "new user: name=svc-update, UID=1109, GID=1109, home=/home/svc-update, shell=/bin/bash"
    night.auth(at + timedelta(minutes=3), added, program="useradd")


def spray(night: Night) -> None:
    """One password for many names."""
    dice, at, who = night.dice, night.early(), night.stranger()
    for name in (
        f"{first}{last}" for first in "abcdefghjk" for last in ("hansen", "koller", "meyer", "berg")
    ):
        at += timedelta(seconds=dice.uniform(8, 25))
        night.auth(at, f"Failed password for invalid user {name} from {who} port {night.port()} ssh2")


def scan_ports(night: Night) -> None:
    dice, at, who = night.dice, night.early(), night.stranger()
    for port in dice.sample(range(1, 9000), dice.randrange(60, 110)):
        at += timedelta(seconds=dice.uniform(0.2, 1.5))
        night.firewall(at, "DENY", who, "192.0.2.10", port)
    night.firewall(at, "ALERT", who, "192.0.2.10", 0, f"SECURITY ALERT: port scan detected from {who}")


def scan_web(night: Night) -> None:
    dice, at, who = night.dice, night.early(), night.stranger()
    for path in _PROBES * dice.randrange(2, 5):
        at += timedelta(seconds=dice.uniform(0.5, 4))
        night.web(
            at,
            who,
            f"GET {path}",
            dice.choice((404, 404, 403)),
            agent="Mozilla/5.00 (Nikto/2.5.0) (Evasions:None)",
        )


def inject(night: Night) -> None:
    """SQL in a search field; all of it is refused."""
    dice, at, who = night.dice, night.early(), night.stranger()
    for _ in range(dice.randrange(20, 70)):
        at += timedelta(seconds=dice.uniform(2, 15))
        asked = f"GET /search?q={dice.choice(_INJECTIONS)}"
        night.web(
            at, who, asked, dice.choice((400, 403, 500)), agent="sqlmap/1.9#stable (https://sqlmap.org)"
        )


def traverse(night: Night) -> None:
    """Paths that lead out of the web server's folder; now and then one is answered."""
    dice, at, who = night.dice, night.early(), night.stranger()
    for depth in range(2, dice.randrange(8, 24)):
        at += timedelta(seconds=dice.uniform(2, 9))
        night.web(at, who, f"GET /download?file={'../' * (depth % 7 + 1)}etc/passwd", 404)
    if dice.random() < 0.3:
        night.web(at + timedelta(seconds=9), who, "GET /download?file=../../../../etc/passwd", 200)


def lose_database(night: Night) -> None:
    dice, at = night.dice, night.early()
    name = dice.choice(("orders", "billing", "tracking"))
    text = f"could not connect to database {name} at db-01:5432: connection refused"
    for _ in range(dice.randrange(25, 50)):
        at += timedelta(seconds=dice.uniform(4, 20))
        night.app(at, "ERROR", f"{name}-api", text, db_host="db-01")
    text = f"CRITICAL: {name}-api cannot serve requests, database {name} is unavailable"
    night.app(at, "CRITICAL", f"{name}-api", text)


def fill_disk(night: Night) -> None:
    dice, at, host = night.dice, night.early(), night.dice.choice(_DISKS)
    for _ in range(dice.randrange(6, 14)):
        at += timedelta(minutes=dice.uniform(1, 3))
        night.app(
            at,
            "WARN",
            "node-monitor",
            f"disk usage at {dice.randrange(91, 99)}% on {host}:/var/lib/data",
            host=host,
        )


def fail_workflow(night: Night) -> None:
    dice, at = night.dice, night.early()
    name = dice.choice(("nightly-invoicing", "customs-declaration", "stock-sync"))
    for n in range(dice.randrange(5, 12)):
        at += timedelta(minutes=dice.uniform(1, 4))
        step = dice.choice(("collect", "charge", "send"))
        text = f"Workflow {name} failed at step {step}: timeout after 300 s (attempt {n % 3 + 1} of 3)"
        night.app(at, "ERROR", "workflow-engine", text, workflow=name)


def find_malware(night: Night) -> None:
    at, host = night.early(), f"ws-{night.dice.randrange(101, 240)}"
    text = f"SECURITY ALERT: malware detected on {host}, process quarantined"
    night.app(at, "CRITICAL", "endpoint-guard", text, host=host)


HAPPENINGS: tuple[Told, ...] = (
    Told(guess_passwords, 60), Told(break_in, 14), Told(spray, 30), Told(scan_ports, 45), Told(scan_web, 60),
    Told(inject, 40), Told(traverse, 30), Told(lose_database, 35), Told(fill_disk, 50), Told(fail_workflow, 55),
    Told(find_malware, 18),
)  # fmt: skip
