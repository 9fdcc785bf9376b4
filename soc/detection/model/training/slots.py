"""What stands in a pattern's slots: invented names, numbers and addresses."""

from __future__ import annotations

import random
from collections.abc import Callable

Slot = Callable[[random.Random], str]


def _one(words: str) -> Slot:
    some = words.split()
    return lambda dice: dice.choice(some)


def _shaped(*shapes: str) -> Slot:
    """`9` is a digit, `f` in `<…>` a hexadecimal one, `@` a name."""

    def fill(dice: random.Random) -> str:
        shape = dice.choice(shapes)
        return "".join(
            str(dice.randrange(10))
            if one == "9"
            else dice.choice("0123456789abcdef")
            if one == "~"
            else _NAME(dice)
            if one == "@"
            else one
            for one in shape
        )

    return fill


_ACCOUNTS = _one(
    "alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy rupert sybil trent victor walter wendy yara zoe "
    "svc-backup ops deploy jsmith akumar lchen postgres www-data hr-admin"
)
_START = _one(
    "a al an be br ca chi da de do e el fa fe ga gr ha he i ja jo ka ki la le lu ma me mi na ni o pa pe qu ra ro "
    "sa sch so ta to u va vi wa ya ze"
)
_END = _one(
    "na ra lo mir ton berg sen ski ova ez ler mann dal ko li no tti wood ley ard us ine ar el ot ham mura shi"
)


def _made(dice: random.Random) -> str:
    """A name that nobody has: what stands for a person must not be learned by its letters."""
    return _START(dice) + dice.choice(("", _START(dice))) + _END(dice)


def _NAME(dice: random.Random) -> str:  # noqa: N802 - beside the other slots
    first, last = _made(dice), _made(dice)
    number = dice.randrange(1, 10**4)
    return dice.choice(
        (
            _ACCOUNTS(dice), _ACCOUNTS(dice), first, first[0] + last, f"{first[0]}.{last}", f"{first}.{last[0]}", f"{first}.{last}",
            f"{first.title()} {last.title()}", f"{first[0].upper()}. {last.title()}", last.title(), f"user{number}", f"User{number}", f"u{number}",
        )
    )  # fmt: skip


_WORD = _one(
    "alpha billing blue catalog central checkout cobalt customer default delta east edge finance forecast gold green harbor ingest "
    "inventory invoice iris kestrel ledger legacy lima maple master north orders partner payroll pricing primary public queue quick "
    "region report retail river sales search secondary session shipping signal silver south stage stock summary supply tango tenant "
    "token usage vendor west winter zeta"
)
_CAMEL = _one(
    "BulkExport QuickSearch OrderSync LegacyReports FastMail UserLookup ChartWidget ClassicEditor TokenLogin DataBridge PriceFeed "
    "FormBuilder MapView SessionStore PushGateway ImageTool"
)
_CALL = _one(
    "getUserById fetchOrders list_items renderPage old_parse sendMail loadConfig createTable db.connect utils.merge readAll flush() "
    "max_pool_size use_ssl log_format parse_date setTimeout v1beta1 api.v1.orders com.shop.OldClient compat.shim render_inline"
)

SLOTS: dict[str, Slot] = {
    "user": _NAME,
    "acct": _shaped("User999", "User9999", "Account9999", "@", "user99"),
    "comp": _shaped("Component99", "Unit99", "Module9", "X999", "CPU9", "PSU9"),
    "word": _WORD,
    "host": _shaped("web-99", "db9", "srv-eu-99", "node-999", "server 99", "app9.example.net", "10.9.99.99"),
    "ip": _shaped("10.99.9.99", "192.168.99.99", "203.0.113.99", "198.51.100.9", "2001:db8::9"),
    "mac": _shaped("0~:1~:~~:~~:~~:~~"),
    "n": _shaped("9", "99", "999", "9999", "99999"),
    "id": _shaped("99999", "ID 9999", "~~~~~~~~-~~~~-4~~~-a~~~-~~~~~~~~~~~~", "TX-9999", "A9999", "#999"),
    "hex": _shaped("0x~~~~~~~~", "0x~~~~", "~~~~~~~~9"),
    "pct": _shaped("99%", "9.9%", "99.9 %", "99 percent"),
    "size": _shaped("999 MB", "99 GB", "9.9 GB", "9999 KB", "999MB", "9 TB", "99999 bytes"),
    "ms": _shaped("99 ms", "9.999", "0.9999999", "99 s", "9 seconds", "999ms", "9 minutes"),
    "time": _shaped("2026-09-19 19:59:09", "09:59", "19:99 UTC", "2026-09-19T09:59:59Z", "Sunday 09:00"),
    "ver": _shaped("9.9", "9.9.9", "2026.9", "v9", "99"),
    "status": _one("200 201 202 204 301 302 304 307 400 401 403 404 405 409 410 422 429 500 502 503 504"),
    "method": _one("GET GET POST PUT DELETE PATCH HEAD OPTIONS"),
    "path": _shaped(
        "/srv/@/99",
        "/api/v9/orders/99",
        "/var/lib/@",
        "/shop/item/999",
        "/v9/~~~~~~~~9/servers/detail",
        "/data/a.txt",
        "/",
    ),
    "url": _shaped(
        "https://shop.example.com/a/99", "http://10.9.9.9:8080/x", "https://api.example.net/v9/orders?id=9"
    ),
    "file": _shaped(
        "report_99.csv",
        "data_999.csv",
        "invoice.pdf",
        "photo99.png",
        "backup.tar.gz",
        "main.py",
        "notes.docx",
        "export.xml",
    ),
    "mail": lambda dice: f"{_NAME(dice)}@example.com",
    "cve": _shaped("CVE-2026-9999", "CVE-2025-99999"),
    "service": _one(
        "billing checkout search mail-gateway auth-service inventory reporting scheduler notification payments catalog user-service "
        "ledger nginx redis kafka rabbitmq postgresql elasticsearch vault"
    ),
    "mod": _one(
        "nova.compute nova.api parser ModuleX importer core.io billing.tax Module9 etl-loader geo.index nova.osapi_compute"
    ),
    "feature": _one(
        "BulkExport QuickSearch OrderSync LegacyReports FastMail UserLookup ChartWidget ClassicEditor TokenLogin DataBridge PriceFeed "
        "XML-RPC SOAP FTP Flash SHA-1 TLSv1 Python2 Basic-Auth FormBuilder"
    ),
    "func": _CALL,
    "exc": _one(
        "NullPointerException ValueError KeyError java.io.IOException TimeoutError IndexError TypeError RuntimeException "
        "IllegalStateException OSError NoSuchElementException SQLException"
    ),
}
