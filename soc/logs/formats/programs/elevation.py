"""Programs that give somebody another's rights, or an account: sudo, su, doas, cron, useradd and their like."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import Body, Statement
from soc.logs.formats.kit.declare import Format, example

_RAN = {"event.category": "process", "event.type": "start", "event.outcome": "success"}
_REFUSED = {"event.category": "authentication", "event.type": "start", "event.outcome": "failure"}
_FORBIDDEN = {"event.category": "process", "event.type": "denied", "event.outcome": "failure"}
_BECAME = {"event.category": "authentication", "event.type": "start", "event.outcome": "success"}
_MADE = {"event.category": "iam", "event.type": "creation", "event.outcome": "success"}
_GONE = {"event.category": "iam", "event.type": "deletion", "event.outcome": "success"}
_CHANGED = {"event.category": "iam", "event.type": "change", "event.outcome": "success"}
_SUDO = r"(?:TTY=\S+ ; )?(?:PWD=.*? ; )?USER=(?P<user_target_name>\S+) ; (?:GROUP=\S+ ; )?(?:TSID=\S+ ; )?(?:ENV=.*? ; )?COMMAND=(?P<process_command_line>.+)"
_NAME = r"[^\s,'\"()]+"

# fmt: off
_STATEMENTS = (
    Statement("COMMAND=", rf" *(?P<user_name>\S+) : (?P<event_reason>\d+ incorrect password attempts?) ; {_SUDO}", _REFUSED),
    Statement("COMMAND=", rf" *(?P<user_name>\S+) : (?P<event_reason>[^;=]{{1,120}}) ; {_SUDO}", _FORBIDDEN),
    Statement("COMMAND=", rf" *(?P<user_name>\S+) : (?:\(command continued\) )?{_SUDO}", _RAN),
    Statement("incorrect password attempt", r" *(?P<user_name>\S+) : (?P<event_reason>\d+ incorrect password attempts?)", _REFUSED),
    Statement("failed for ", rf"'su (?P<user_target_name>{_NAME})' failed for (?P<user_name>{_NAME})", _REFUSED),
    Statement("FAILED", rf"FAILED [Ss][Uu] \(to (?P<user_target_name>{_NAME})\) (?P<user_name>{_NAME}) on", _REFUSED),
    Statement("BAD SU", rf"BAD SU (?P<user_name>{_NAME}) to (?P<user_target_name>{_NAME}) on", _REFUSED),
    Statement("(to ", rf"\(to (?P<user_target_name>{_NAME})\) (?P<user_name>{_NAME}) on", _BECAME),
    Statement("uccessful su for", rf"Successful su for (?P<user_target_name>{_NAME}) by (?P<user_name>{_NAME})", _BECAME),
    Statement("FAILED su for", rf"FAILED su for (?P<user_target_name>{_NAME}) by (?P<user_name>{_NAME})", _REFUSED),
    Statement("CMD (", r"\((?P<user_name>[^()]+)\) CMD \((?P<process_command_line>.+)\)$", _RAN),
    Statement("CMDOUT (", r"\((?P<user_name>[^()]+)\) CMDOUT \(", {"event.category": "process", "event.type": "info"}),
    Statement(") ", r"\((?P<user_name>[^()]+)\) (?:RELOAD|LIST|REPLACE|BEGIN EDIT|END EDIT|DELETE|EDIT) ", {"event.category": "configuration", "event.type": "change"}),
    Statement("new user:", rf"new user: name=(?P<user_target_name>{_NAME})", {**_MADE, "event.action": "user_created"}),
    Statement("new group:", rf"new group: name=(?P<group_name>{_NAME})", {**_MADE, "event.action": "group_created"}),
    Statement("delete user", rf"delete user [`'](?P<user_target_name>{_NAME})", {**_GONE, "event.action": "user_deleted"}),
    Statement("to group", rf"add '(?P<user_target_name>{_NAME})' to (?:shadow )?group '(?P<group_name>{_NAME})'", {**_CHANGED, "event.action": "added_to_group"}),
    Statement("to group", rf"(?P<user_target_name>{_NAME}) to group (?P<group_name>{_NAME})", {**_CHANGED, "event.action": "added_to_group"}),
    Statement("from group", rf"(?:delete|remove) '(?P<user_target_name>{_NAME})' from (?:shadow )?group '(?P<group_name>{_NAME})'", {**_CHANGED, "event.action": "removed_from_group"}),
    Statement("by ", rf"user (?P<user_target_name>{_NAME}) added by (?P<user_name>{_NAME}) to group (?P<group_name>{_NAME})", {**_CHANGED, "event.action": "added_to_group"}),
    Statement("password", rf"(?:password for '?(?P<user_target_name>{_NAME})'? changed|change user '(?P<user_target_name__2>{_NAME})' password)", {**_CHANGED, "event.action": "password_changed"}),
    Statement("FAILED LOGIN", r"FAILED LOGIN (?:SESSION |\(?\d*\)? ?)(?:FROM (?P<source_ip>\S+) |on '\S+' (?:from '\S+' )?)?FOR '?(?P<user_name>[^',]+)'?, (?P<event_reason>.+)", _REFUSED),
    Statement("ROOT LOGIN", r"ROOT LOGIN +(?:[Oo][Nn] )?'?(?:\S+)'?(?: FROM '?(?P<source_ip>[^' ]+)'?)?", {**_BECAME, "user.name": "root"}),
    Statement("LOGIN ON", r"LOGIN ON (?:\S+) BY (?P<user_name>\S+)(?: FROM (?P<source_ip>\S+))?", _BECAME),
    Statement("ew session", r"New session '?\w+'? of user '?(?P<user_name>[^\s'.]+)", {"event.category": "session", "event.type": "start", "event.outcome": "success"}),
    Statement("ession ", r"(?:Removed session|Session) \w+(?:\.| logged out)", {"event.category": "session", "event.type": "end", "event.outcome": "success"}),
)
FORMAT = Format(
    name="elevation",
    title="sudo, su, cron, accounts",
    about="`alice : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/sh` and what su, doas, cron, login, useradd and their like say.",
    order=303,
    body=Body(
        _STATEMENTS,
        programs=("sudo", "su", "doas", "cron", "crond", "crontab", "useradd", "userdel", "usermod", "groupadd", "groupmod", "gpasswd", "passwd", "chpasswd", "adduser", "login", "systemd-logind"),
        names=False,
    ),
    examples=(
        example(
            "Jul 10 03:55:15 web1 sudo: alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/cat /etc/shadow\n"
            "Jul 10 03:55:15 web1 sudo:      bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh",
            {
                "host.name": "web1", "process.name": "sudo", "user.name": "alice", "user.target.name": "root", "process.command_line": "/bin/cat /etc/shadow",
                "source": "sudo", "message": "alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/cat /etc/shadow", **_RAN,
            },
            {
                "host.name": "web1", "process.name": "sudo", "user.name": "bob", "user.target.name": "root", "process.command_line": "/bin/sh",
                "event.reason": "user NOT in sudoers", "source": "sudo", "message": "bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh", **_FORBIDDEN,
            },
        ),
        example(
            "Jul 10 03:55:15 web1 CRON[7]: (root) CMD (run-parts /etc/cron.daily)\nJul 10 03:55:15 web1 useradd[9]: new user: name=eve, UID=1005, GID=1005",
            {
                "host.name": "web1", "process.name": "CRON", "process.pid": 7, "user.name": "root", "process.command_line": "run-parts /etc/cron.daily",
                "source": "CRON", "message": "(root) CMD (run-parts /etc/cron.daily)", **_RAN,
            },
            {
                "host.name": "web1", "process.name": "useradd", "process.pid": 9, "user.target.name": "eve", "event.action": "user_created",
                "source": "useradd", "message": "new user: name=eve, UID=1005, GID=1005", **_MADE,
            },
        ),
    ),
)
