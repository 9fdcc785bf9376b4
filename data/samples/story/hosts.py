"""What the hosts saw: logins, sudo, cron, and the backup agent."""

from __future__ import annotations

from datetime import datetime, timedelta

from story.night import INTRUDER, Night, moment

STAFF = ["mkoller", "ahansen", "jwirth", "olarsen", "sbrandt"]
TARGETS = ["root", "admin", "deploy", "oracle", "postgres", "ubuntu", "test", "backup"]
KNOWN = {"root", "backup", "deploy"}


def auth_syslog() -> str:
    """RFC 3164 without a year, as /var/log/auth.log has it: logins, cron, a brute force that succeeds, and after."""
    night = Night("auth")
    for _ in range(700):
        _cron(night)
    for _ in range(230):
        _staff_login(night)
    for _ in range(38):
        _staff_sudo(night)
    for at in night.steps("20:12:00", "23:55:00", 60):
        port, name = night.rng.randrange(30000, 60000), night.rng.choice(["test", "guest", "pi", "ftp"])
        address = f"198.51.100.{night.rng.randrange(20, 40)}"
        night.add(at, _log(night, at, "sshd", f"Invalid user {name} from {address} port {port}"))
        closed = f"Connection closed by invalid user {name} {address} port {port} [preauth]"
        night.add(at, _log(night, at, "sshd", closed))
    _brute_force(night)
    _intrusion(night)
    return night.text()


def _log(night: Night, at: datetime, program: str, text: str, host: str = "bastion-01") -> str:
    pid = "" if program == "sudo" else f"[{night.rng.randrange(900, 32000)}]"
    return f"{at:%b %d %H:%M:%S} {host} {program}{pid}: {text}"


def _cron(night: Night) -> None:
    at, host = night.quiet(), night.rng.choice(["bastion-01", "app-01", "app-02", "db-01"])
    user = night.rng.choice(["root", "root", "www-data", "postgres"])
    night.add(
        at,
        _log(
            night,
            at,
            "CRON",
            f"pam_unix(cron:session): session opened for user {user}(uid=0) by (uid=0)",
            host,
        ),
    )
    end = at + timedelta(seconds=night.rng.randrange(1, 40))
    night.add(end, _log(night, end, "CRON", f"pam_unix(cron:session): session closed for user {user}", host))


def _staff_login(night: Night) -> None:
    at, rng = night.quiet(), night.rng
    user, address, port = rng.choice(STAFF), night.colleague(), rng.randrange(40000, 60000)
    for _ in range(rng.choices([0, 1, 2], [92, 6, 2])[0]):  # a typo now and then
        night.add(at, _log(night, at, "sshd", f"Failed password for {user} from {address} port {port} ssh2"))
        at += timedelta(seconds=rng.randrange(3, 9))
    key = "ED25519 SHA256:" + "".join(rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGH23456789", k=43))
    night.add(
        at, _log(night, at, "sshd", f"Accepted publickey for {user} from {address} port {port} ssh2: {key}")
    )
    opened = f"pam_unix(sshd:session): session opened for user {user}(uid=1001) by (uid=0)"
    night.add(at, _log(night, at, "sshd", opened))
    end = at + timedelta(minutes=rng.randrange(2, 50))
    night.add(end, _log(night, end, "sshd", f"pam_unix(sshd:session): session closed for user {user}"))


def _staff_sudo(night: Night) -> None:
    at, user = night.between("20:00:00", "23:30:00"), night.rng.choice(STAFF)
    command = night.rng.choice(
        [
            "/usr/bin/systemctl status nginx",
            "/usr/bin/apt-get update",
            "/usr/bin/journalctl -u orders-api",
            "/usr/bin/df -h",
        ]
    )
    night.add(
        at,
        _log(night, at, "sudo", f"{user:>8} : TTY=pts/0 ; PWD=/home/{user} ; USER=root ; COMMAND={command}"),
    )


def _brute_force(night: Night) -> None:
    for n, at in enumerate(night.steps("01:12:00", "01:31:10", 520)):
        user, port = night.rng.choice(TARGETS), night.rng.randrange(32000, 61000)
        known = "" if user in KNOWN else "invalid user "
        night.add(
            at, _log(night, at, "sshd", f"Failed password for {known}{user} from {INTRUDER} port {port} ssh2")
        )
        if n % 6 == 5:
            text = f"error: maximum authentication attempts exceeded for {known}{user} from {INTRUDER} port {port} ssh2 [preauth]"
            night.add(at, _log(night, at, "sshd", text))
    at = moment("01:31:24")
    night.add(at, _log(night, at, "sshd", f"Accepted password for backup from {INTRUDER} port 52110 ssh2"))
    opened = "pam_unix(sshd:session): session opened for user backup(uid=1004) by (uid=0)"
    night.add(at, _log(night, at, "sshd", opened))


def _intrusion(night: Night) -> None:
    """What the intruder did as root, then the way back in."""
    sudo = "  backup : TTY=pts/3 ; PWD=/home/backup ; USER=root ; COMMAND="
    for clock, program, text in (
        ("01:33:02", "sudo", f"{sudo}/usr/bin/id"),
        ("01:33:40", "sudo", f"{sudo}/bin/bash"),
        (
            "01:33:40",
            "sudo",
            "pam_unix(sudo:session): session opened for user root(uid=0) by backup(uid=1004)",
        ),
        ("01:34:11", "sudo", f"{sudo}/usr/bin/cat /etc/shadow"),
        ("01:35:02", "useradd", "new group: name=svc-update, GID=1010"),
        (
            "01:35:02",
            "useradd",
            "new user: name=svc-update, UID=1010, GID=1010, home=/home/svc-update, shell=/bin/bash, from=/dev/pts/3",
        ),
        ("01:35:20", "passwd", "pam_unix(passwd:chauthtok): password changed for svc-update"),
        ("01:35:31", "usermod", "add 'svc-update' to group 'sudo'"),
        ("01:36:05", "sudo", f"{sudo}/usr/bin/tee -a /root/.ssh/authorized_keys"),
        ("01:37:48", "sudo", f"{sudo}/usr/bin/systemctl stop auditd"),
        ("01:41:12", "sshd", f"Accepted password for svc-update from {INTRUDER} port 52977 ssh2"),
        ("01:58:30", "sshd", "pam_unix(sshd:session): session closed for user backup"),
    ):
        night.add(moment(clock), _log(night, moment(clock), program, text))


def backup_agent() -> str:
    """Plain lines of a backup run: ordinary but for a full disk and an archive that does not verify."""
    night = Night("backup")
    at = moment("03:00:00")
    volumes = ["app-01-home", "app-02-home", "web-01-www", "db-01-wal", "db-01-orders", "bastion-01-etc"]
    night.add(at, _plain(at, "INFO", f"run 4117 started, {len(volumes)} volumes"))
    for volume in volumes:
        for part in range(1, 61):
            at += timedelta(seconds=night.rng.randrange(1, 6))
            night.add(
                at,
                _plain(
                    at, "INFO", f"{volume}: part {part} of 60 written, {night.rng.randrange(64, 512)} MiB"
                ),
            )
        if volume == "db-01-wal":
            at += timedelta(seconds=2)
            night.add(at, _plain(at, "WARN", "target /backup is 94% full, old sets will be removed"))
        if volume == "db-01-orders":
            at += timedelta(seconds=2)
            night.add(
                at,
                _plain(
                    at,
                    "ERROR",
                    "db-01-orders: checksum mismatch in archive db-01-orders.tar, set is incomplete",
                ),
            )
    night.add(at, _plain(at, "WARN", "run 4117 finished with 1 error, 5 of 6 volumes verified"))
    return night.text()


def _plain(at: datetime, level: str, text: str) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} {level:<5} backup-agent {text}"
