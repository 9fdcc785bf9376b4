"""What the web server and the firewall saw."""

from __future__ import annotations

from datetime import datetime

from story.night import DOMAIN, INJECTOR, INTRUDER, SCANNER, Night, moment

PAGES = [
    "/",
    "/",
    "/tracking",
    "/rates",
    "/contact",
    "/careers",
    "/login",
    "/assets/site.css",
    "/assets/app.js",
]
PAGES += ["/favicon.ico", "/api/v2/rates?from=HAM&to=OSL", "/api/v2/shipments", "/news/2026/winter-schedule"]
PAGES += ["/images/harbour.webp", "/robots.txt"]
BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.2 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
]
PROBES = [
    "/.env",
    "/.git/config",
    "/wp-login.php",
    "/wp-admin/setup-config.php",
    "/phpmyadmin/index.php",
    "/admin",
]
PROBES += [
    "/manager/html",
    "/server-status",
    "/actuator/env",
    "/actuator/heapdump",
    "/cgi-bin/test.cgi",
    "/backup.zip",
]
PROBES += [
    "/db.sql",
    "/config.php.bak",
    "/.aws/credentials",
    "/console",
    "/solr/admin/info/system",
    "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php",
]
PROBES += [
    "/owa/auth/logon.aspx",
    "/HNAP1/",
    "/boaform/admin/formLogin",
    "/.svn/entries",
    "/xmlrpc.php",
    "/telescope/requests",
]
INJECTIONS = [
    "/tracking?id=1%27%20OR%20%271%27=%271",
    "/tracking?id=1%27%20UNION%20SELECT%20username,password%20FROM%20users--",
    "/tracking?id=1;DROP%20TABLE%20shipments--",
    "/api/v2/rates?from=HAM%27%20AND%20SLEEP(5)--&to=OSL",
    "/rates?from=1%20UNION%20ALL%20SELECT%20NULL,NULL,version()--",
    "/login?user=admin%27--&next=/",
    "/tracking?id=1%20AND%201=CONVERT(int,(SELECT%20@@version))",
]
TRAVERSALS = [
    "/download?file=../../../../etc/passwd",
    "/download?file=..%2f..%2f..%2f..%2fetc%2fshadow",
    "/assets/..%252f..%252f..%252fetc/passwd",
    "/download?file=....//....//....//windows/win.ini",
    "/static/%2e%2e/%2e%2e/%2e%2e/proc/self/environ",
]


def web_access() -> str:
    """nginx, combined format: ordinary traffic, a scanner, SQL injection, path traversal."""
    night = Night("web")
    for _ in range(5600):
        _ordinary_request(night)
    for at in night.steps("21:05:00", "21:24:00", 260):
        agent = "Mozilla/5.00 (Nikto/2.5.0) (Evasions:None) (Test:Port Check)"
        status = night.rng.choices([404, 403, 400], [86, 12, 2])[0]
        night.add(at, _request(at, SCANNER, "GET", night.rng.choice(PROBES), status, 162, agent))
    for at in night.steps("22:10:00", "22:38:00", 90):
        status = night.rng.choices([400, 403, 500], [50, 42, 8])[0]
        night.add(
            at, _request(at, INJECTOR, "GET", night.rng.choice(INJECTIONS), status, 571, "sqlmap/1.9#stable")
        )
    for at in night.steps("22:20:00", "22:44:00", 48):
        night.add(at, _request(at, SCANNER, "GET", night.rng.choice(TRAVERSALS), 404, 162, "curl/8.5.0"))
    at = moment("22:44:31")
    night.add(at, _request(at, SCANNER, "GET", TRAVERSALS[0], 200, 2214, "curl/8.5.0"))
    return night.text()


def _ordinary_request(night: Night) -> None:
    at, rng = night.quiet(), night.rng
    path = rng.choice(PAGES)
    if path == "/tracking" and rng.random() < 0.7:
        path = f"/tracking?id=NF{rng.randrange(10**6, 10**7)}"
    down = moment("02:14:00") <= at < moment("02:32:00") and "/api/" in path
    status = 502 if down else rng.choices([200, 304, 301, 404, 499], [880, 70, 25, 20, 5])[0]
    method = "POST" if path == "/login" and rng.random() < 0.6 else "GET"
    address = night.customer()
    night.add(
        at, _request(at, address, method, path, status, rng.randrange(180, 42000), rng.choice(BROWSERS))
    )


def _request(at: datetime, address: str, method: str, path: str, status: int, size: int, agent: str) -> str:
    size = 0 if status == 304 else size
    return f'{address} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] "{method} {path} HTTP/1.1" {status} {size} "-" "{agent}"'


def firewall() -> str:
    """RFC 5424 with structured data: allowed traffic, a port scan that is denied, a denied way out afterwards."""
    night = Night("firewall")
    for _ in range(900):
        at, port = night.quiet(), night.rng.choice([443, 443, 443, 80, 53, 123, 587])
        night.add(at, _packet(night, at, "allow", night.customer(), "192.0.2.10", port))
    for _ in range(120):
        port = night.rng.choice([23, 445, 3389, 5060, 8080])
        at, address = night.quiet(), f"198.51.100.{night.rng.randrange(2, 20)}"
        night.add(at, _packet(night, at, "deny", address, f"192.0.2.{night.rng.randrange(8, 40)}", port))
    ports = night.rng.sample(range(1, 10000), 420)
    for at, port in zip(night.steps("20:48:00", "20:56:00", len(ports)), ports, strict=True):
        night.add(at, _packet(night, at, "deny", SCANNER, "192.0.2.10", port))
    at = moment("20:56:20")
    note = f"port scan detected: {SCANNER} probed {len(ports)} ports of 192.0.2.10 within 8 min"
    detail = f'[ids@32473 rule="portscan" src="{SCANNER}"]'
    night.add(at, f"<129>1 {at:%Y-%m-%dT%H:%M:%S}.000Z fw-01.{DOMAIN} idsd 902 PORTSCAN {detail} {note}")
    for at in night.steps("01:42:00", "01:57:00", 24):
        night.add(at, _packet(night, at, "deny", "192.0.2.5", INTRUDER, 4444))
    at = moment("23:10:00")
    text = "configuration committed by mkoller: 2 rules changed"
    night.add(at, f"<133>1 {at:%Y-%m-%dT%H:%M:%S}.000Z fw-01.{DOMAIN} mgmtd 611 COMMIT - {text}")
    return night.text()


def _packet(night: Night, at: datetime, action: str, source: str, target: str, port: int) -> str:
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.{night.rng.randrange(1000):03d}Z"
    proto, sent_from = "udp" if port in (53, 123) else "tcp", night.rng.randrange(20000, 65000)
    detail = f'[fw@32473 action="{action}" proto="{proto}" src="{source}" spt="{sent_from}" dst="{target}" dpt="{port}"]'
    priority = 132 if action == "deny" else 134
    text = f"{action.upper()} {proto.upper()} {source} port {sent_from} to {target} port {port}"
    return f"<{priority}>1 {stamp} fw-01.{DOMAIN} filterd 811 {action.upper()} {detail} {text}"
