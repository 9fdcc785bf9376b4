"""NetScaler: `<134> 10/01/2021:14:25:40 GMT ns01 0-PPE-0 : default SSLVPN LOGIN 4242 0 : body`."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.expressions import PRIORITY

FORMAT = Format(
    name="netscaler",
    title="NetScaler",
    about="`<134> 10/01/2021:14:25:40 GMT ns01 0-PPE-0 : default SSLVPN LOGIN 4242 0 : Context eve@192.0.2.1 - …`.",
    order=104,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^{PRIORITY}? ?(?P<time>\d\d/\d\d/\d{{4}}:\d\d:\d\d:\d\d(?: [A-Z]{{3,4}})?) (?:(?P<host>[\w.:-]+) )?\d{{0,3}}-?PPE-\d{{1,3}} : (?:default )?(?P<action>[A-Z]\w* \w+) \d+ \d+ : ?(?P<body>.*)$",
        fields={"host": "host.name", "action": "event.action"},
        sign="PPE-",
        source=("host.name",),
        body_is_message=True,
    ),
    examples=(
        example(
            '<134> 10/01/2021:14:25:40 GMT ns01 0-PPE-0 : default SSLVPN LOGIN 4242 0 : Context eve@203.0.113.9 - SessionId: 22 - User eve - Client_ip 203.0.113.9 - Vserver 192.0.2.5:443 - Browser_type "x"',
            {
                "host.name": "ns01",
                "event.action": "SSLVPN LOGIN",
                "user.name": "eve",
                "source.ip": "203.0.113.9",
                "source": "ns01",
                "message": 'Context eve@203.0.113.9 - SessionId: 22 - User eve - Client_ip 203.0.113.9 - Vserver 192.0.2.5:443 - Browser_type "x"',
                "@timestamp": "2021-10-01T14:25:40Z",
            },
        ),
    ),
)
