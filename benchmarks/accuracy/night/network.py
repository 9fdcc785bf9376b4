"""Nights at the border and within: names that carry data, a sweep, data that leaves, an account in two countries."""

from datetime import timedelta

from benchmarks.accuracy.night.made import BEGIN, STAFF, Night, record, syslog

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def _word(night: Night, length: int) -> str:
    return "".join(night.dice.choices(_LETTERS, k=length))


def tunnel(night: Night) -> None:
    """One client speaks through names; beside it blocklists, a scanner of files that asks by hash, and everybody's names."""
    dice = night.dice

    def asked(minute: float, client: str, name: str, kind: str = "A", story: str = "") -> None:
        said = f"client @0x7f {client}#{dice.randrange(1024, 65000)} ({name}): query: {name} IN {kind} + (10.0.0.53)"
        syslog(night, minute, "ns1", f"named[77]: {said}", story)

    usual = (
        "www.example.com",
        "mail.example.org",
        "a1.cdn.example.net",
        "time.example.org",
        "intranet.example.com",
    )
    for n in range(900):
        asked(n / 3, f"10.0.{dice.randrange(1, 6)}.{dice.randrange(5, 250)}", dice.choice(usual))
    for n in range(120):
        asked(n * 2, "10.0.0.25", f"{dice.randrange(250)}.{dice.randrange(250)}.2.192.zen.spamhaus.org")
        asked(n * 2 + 1, f"10.0.1.{dice.randrange(5, 60)}", f"{_word(night, 45)}.files.sophosxl.net", "TXT")
    for n in range(260):
        name = f"{_word(night, 50)}.{_word(night, 30)}.s{n % 3}.metrics.example"
        asked(120 + n / 4, "10.0.4.99", name, dice.choice(("TXT", "NULL")), "tunnel")


def border(night: Night) -> None:
    """A host looks for neighbours, another sends gigabytes; beside them the nightly backup, updates, calls, and the Internet's
    knocking."""
    dice = night.dice

    def flow(
        minute: float,
        source: str,
        to: str,
        port: int,
        *,
        sent: int = 0,
        got: int = 0,
        app: str = "ssl",
        story: str = "",
    ) -> None:
        at, action = BEGIN + timedelta(minutes=minute), "close" if sent else "deny"
        night.add(
            minute,
            f'date={at:%Y-%m-%d} time={at:%H:%M:%S} devname="fw1" type="traffic" subtype="forward" level="notice" srcip={source} '
            f'srcport={dice.randrange(1024, 65000)} dstip={to} dstport={port} proto=6 action="{action}" app="{app}" '
            f"sentbyte={sent} rcvdbyte={got}",
            story,
        )

    def somebody() -> str:
        return f"10.1.{dice.randrange(1, 5)}.{dice.randrange(5, 250)}"

    for n in range(700):
        flow(
            n * 0.6,
            somebody(),
            f"198.51.100.{n % 250}",
            443,
            sent=dice.randrange(900, 60_000),
            got=dice.randrange(900, 900_000),
        )
    for n in range(90):
        flow(n * 5, f"192.0.2.{n}", "203.0.113.1", dice.choice((22, 23, 445, 3389)))
        flow(
            200 + n,
            "10.1.0.15",
            "198.51.100.251",
            443,
            sent=dice.randrange(9, 14) * 10**8,
            got=90_000,
            app="Vault.Backup",
        )
        flow(
            100 + n / 3,
            somebody(),
            "198.51.100.252",
            443,
            sent=20_000,
            got=dice.randrange(1, 9) * 10**8,
            app="Updates",
        )
        flow(60 + n / 2, "10.1.2.14", "198.51.100.253", 3478, sent=40_000_000, got=38_000_000, app="Calls")
    for n in range(150):
        flow(300 + n / 30, "10.1.3.66", f"10.1.0.{n + 20}", dice.choice((22, 445, 3389)), story="sweep")
    for n in range(30):
        flow(
            380 + n * 2,
            "10.1.4.31",
            "203.0.113.70",
            443,
            sent=dice.randrange(3, 5) * 10**8,
            got=300_000,
            story="leaving",
        )


def two_countries(night: Night) -> None:
    """An account comes in from a second country; beside it one that changes networks at home, one that mistypes, a probe."""
    night.ending, dice = "jsonl", night.dice

    def act(
        minute: float,
        user: str,
        address: str,
        country: str,
        what: str = "tunnel up",
        story: str = "",
        **more: str,
    ) -> None:
        record(
            night,
            minute,
            {"action": what, "user": user, "src_ip": address, "src_country": country, **more},
            "time",
            story,
        )

    for n in range(300):
        who = dice.randrange(1, len(STAFF))
        act(
            n * 1.6,
            STAFF[who],
            f"198.51.100.{who}",
            "Norway",
            dice.choice(("tunnel up", "tunnel down", "statistics")),
        )
    for n in range(40):
        act(n * 12, "probe", "10.0.0.8", "Reserved")
    act(90, STAFF[3], "192.0.2.33", "Norway")
    for n in range(2):
        act(150 + n / 9, STAFF[2], "198.51.100.2", "Norway", "login failed", outcome="failure")
    act(200, STAFF[0], "198.51.100.90", "Norway")
    for n in range(12):
        act(
            219 + n,
            STAFF[0],
            "203.0.113.77",
            "Chile",
            dice.choice(("tunnel up", "statistics", "file read")),
            "two",
        )
