"""Name and address servers: BIND, Unbound, dnsmasq, ISC dhcpd."""

from __future__ import annotations

from soc.logs.formats.kit.bodies import ADDRESS, Body, Statement
from soc.logs.formats.kit.declare import Format, example

_ASKED = {"event.category": "network", "event.type": "protocol"}
_REFUSED = {"event.category": "network", "event.type": "denied", "event.outcome": "failure"}
_CHANGED = {"event.category": "configuration", "event.type": "change"}
_LEASED = {"event.category": "network", "event.type": "protocol", "event.outcome": "success"}
_CLIENT = rf"(?:\d\d-\w{{3}}-\d{{4}} [\d:.]{{8,15}} )?(?:[\w-]{{1,30}}: )?(?:(?:info|error|warning|notice): )?client (?:@0x[0-9a-f]+ )?(?P<source_ip>{ADDRESS})#(?P<source_port>\d{{1,5}})(?:/key \S+)?(?: \([^()]{{0,255}}\))?: (?:view [^:]{{1,60}}: )?(?:UDP: |TCP: )?"
_NAME = r"(?P<dns_question_name>[^\s'/]{1,255})"
_BAR_NAME = r"(?P<dns_question_name>[^\s'|]{1,255})"
_VIA = rf"(?:.{{0,80}}? via (?:(?P<destination_ip>{ADDRESS})|\S+))?"

# fmt: off
_STATEMENTS = (
    Statement(": query: ", rf"{_CLIENT}query: {_NAME} (?:[A-Z]+) \S+(?: \S+)?(?: \((?P<destination_ip>{ADDRESS})\))?", _ASKED),
    Statement("denied", rf"{_CLIENT}query(?: \(cache\))? '{_NAME}/.{{1,20}}' denied", _REFUSED),
    Statement("denied", rf"{_CLIENT}(?:zone transfer|update|update forwarding|bad zone transfer request:?) '{_NAME}/.{{1,20}}' denied", _REFUSED),
    Statement("denied", rf"{_CLIENT}(?P<event_reason>.{{1,200}}denied)", _REFUSED),
    Statement("AXFR started", rf"{_CLIENT}transfer of '{_NAME}/.{{1,20}}': (?:AXFR|IXFR) started", _ASKED),
    Statement("updating zone", rf"{_CLIENT}(?:signer .{{1,100}}: )?updating zone '{_NAME}/", _CHANGED),
    Statement("client ", rf"{_CLIENT}(?P<event_reason>.{{1,300}})", _ASKED),
    Statement("unexpected RCODE", rf"(?:[\w-]{{1,30}}: )?unexpected RCODE \((?P<event_reason>\w+)\) resolving '{_NAME}/.{{1,20}}': (?P<destination_ip>{ADDRESS})#(?P<destination_port>\d{{1,5}})", _ASKED),
    Statement("query[", rf"(?:\d+ \S+ )?query\[\w+\] {_NAME} from (?P<source_ip>{ADDRESS})", _ASKED),
    Statement(" IN", rf"(?:\[\d{{9,11}}\] )?(?:unbound)?(?:\[\d+:\w+\] )?(?:info|reply|query): (?P<source_ip>{ADDRESS}) {_NAME} [A-Z]+ IN", _ASKED),
    Statement("question for '", rf".{{0,60}}?question for '{_BAR_NAME}\|\w{{1,10}}' from (?P<source_ip>{ADDRESS}):(?P<source_port>\d{{1,5}})", _ASKED),
    Statement(" IN ", rf"(?:\[\w+\] )?(?P<source_ip>{ADDRESS}):(?P<source_port>\d{{1,5}}) - \d{{1,9}} \"[A-Z]+ IN {_NAME} (?:udp|tcp) ", _ASKED),
    Statement(" PACKET ", rf".{{0,60}}? PACKET +\S+ (?:UDP|TCP) \S{{3}} (?P<source_ip>{ADDRESS}) .{{0,80}}?\] +\w+ +{_NAME}", _ASKED),
    Statement("DHCPACK", rf"(?P<event_action>DHCPACK) (?:on|to) (?P<source_ip>{ADDRESS}){_VIA}", _LEASED),
    Statement("DHCPREQUEST", rf"(?P<event_action>DHCPREQUEST) for (?P<source_ip>{ADDRESS}){_VIA}", _LEASED),
    Statement("DHCPOFFER", rf"(?P<event_action>DHCPOFFER) on (?P<source_ip>{ADDRESS}){_VIA}", _LEASED),
    Statement("DHCPRELEASE", rf"(?P<event_action>DHCPRELEASE) of (?P<source_ip>{ADDRESS}){_VIA}", _LEASED),
    Statement("DHCPINFORM", rf"(?P<event_action>DHCPINFORM) from (?P<source_ip>{ADDRESS}){_VIA}", _LEASED),
    Statement("DHCPDISCOVER", rf"(?P<event_action>DHCPDISCOVER) from \S+{_VIA}", _LEASED),
    Statement("DHCPNAK", rf"(?P<event_action>DHCPNAK) on (?P<source_ip>{ADDRESS}){_VIA}", _REFUSED),
)
FORMAT = Format(
    name="name-server",
    title="BIND, Unbound, dnsmasq, dhcpd",
    about="`client @0x7f 192.0.2.1#4000 (example.com): query: example.com IN A + (192.0.2.7)`, `query[A] example.com from …`, `DHCPACK on 192.0.2.1 to …`.",
    order=313,
    body=Body(
        _STATEMENTS,
        closed=False,
        programs=("named", "unbound", "pdns_recursor", "pdns", "pdns_server", "coredns", "dnsmasq", "dnsmasq-dhcp", "dhcpd"),
        signs=(": query: ", "' denied", "DHCPACK ", "DHCPREQUEST ", "DHCPOFFER ", "DHCPRELEASE ", "DHCPDISCOVER ", "DHCPINFORM ", "DHCPNAK ", "query[", "] info: ", "question for '", '"A IN ', '"AAAA IN ', '"PTR IN ', '"TXT IN ', '"HTTPS IN ', '"MX IN ', " PACKET "),
        names=False,
    ),
    examples=(
        example(
            "Mar  1 02:00:07 ns1 named[77]: client @0x7f8e 203.0.113.9#4000 (www.example.com): query: www.example.com IN A +E(0)K (192.0.2.7)\n"
            "Mar  1 02:00:08 ns1 named[77]: client 203.0.113.9#4000: query (cache) 'example.com/ANY/IN' denied\n"
            "Mar  1 02:00:09 gw dhcpd: DHCPACK on 192.0.2.44 to 00:00:5e:00:53:01 (laptop) via 192.0.2.1",
            {
                "host.name": "ns1", "process.name": "named", "process.pid": 77, "source": "named", "source.ip": "203.0.113.9", "source.port": 4000,
                "destination.ip": "192.0.2.7", "dns.question.name": "www.example.com", **_ASKED,
                "message": "client @0x7f8e 203.0.113.9#4000 (www.example.com): query: www.example.com IN A +E(0)K (192.0.2.7)",
            },
            {
                "host.name": "ns1", "process.name": "named", "process.pid": 77, "source": "named", "source.ip": "203.0.113.9", "source.port": 4000,
                "dns.question.name": "example.com", **_REFUSED, "message": "client 203.0.113.9#4000: query (cache) 'example.com/ANY/IN' denied",
            },
            {
                "host.name": "gw", "process.name": "dhcpd", "source": "dhcpd", "source.ip": "192.0.2.44", "destination.ip": "192.0.2.1", "event.action": "DHCPACK", **_LEASED,
                "message": "DHCPACK on 192.0.2.44 to 00:00:5e:00:53:01 (laptop) via 192.0.2.1",
            },
        ),
    ),
)
