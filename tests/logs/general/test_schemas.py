"""Keys of the schemas that products write in, each alone in its record: what it gives, and what it must not."""

from __future__ import annotations

import pytest

from soc.logs.general.pairs import UNIT
from soc.logs.general.plans import read_pairs

#: A key (a dot is a level), its value, the field, and what it holds (`-`: the value itself; nothing: the field is not given).
KEYS = r"""
spid | 4711 | process.pid | -
dvcpid | 4711 | process.pid | -
sntdom | CORP | user.domain | -
requestClientApplication | Mozilla/5.0 | user_agent.original | -
externalId | 4625 | event.code | -
externalId | 6f3b2c1e-1111-4222-8333-944455556666 | event.code |
SrcIpAddr | 192.0.2.1 | source.ip | -
ActorUsername | bob | user.name | -
EventResult | Failure | event.outcome | failure
EventResultDetails | No such user | event.reason | -
EventOriginalType | 4625 | event.code | -
EventType | Logon | event.action | -
DvcHostname | h1 | host.name | -
TargetProcessName | a.exe | process.name | -
TargetProcessId | 4711 | process.pid | -
TargetProcessCommandLine | a.exe -x | process.command_line | -
ActingProcessName | C:\p.exe | process.parent.name | p.exe
target.process.pid | 4711 | process.pid | -
target.process.command_line | a.exe -x | process.command_line | -
target.process.file.full_path | C:\x\a.exe | process.executable | -
principal.hostname | h1 | host.name | -
security_result.action | BLOCK | event.action | -
network.dns.questions.name | www.example.com | dns.question.name | -
metadata.product_event_type | login_failed | event.action | -
status_detail | no such user | event.reason | -
finding_info.title | Beacon | rule.name | -
src_endpoint.ip | 192.0.2.1 | source.ip | -
process_exec | a.exe | process.name | -
dest_port | 443 | destination.port | -
http.target | /x | url.path | -
http.route | /x | url.path | -
server.address | 192.0.2.9 | destination.ip | -
process.command_args | a -x | process.command_line | -
severity_text | WARN | log.level | warn
message_code | 4711 | event.code | -
eventNumber | 4711 | event.code | -
event.id | 6f3b2c1e-1111-4222-8333-944455556666 | event.code |
event_id | 0123456789abcdef0123 | event.code |
event_id | LOGIN-17 | event.code | -
sid | 2010935 | event.code | -
sid | S-1-5-21-7 | event.code |
type_id | 4711 | event.code | -
type_id | 0 | event.code |
code | 4711 | event.code | -
responseStatus.code | 201 | event.code |
isSuccess | true | event.outcome | success
is_successful | false | event.outcome | failure
failed | true | event.outcome | failure
failed | false | event.outcome | success
failed | 3 | event.outcome |
auth_result | denied | event.outcome | failure
authStatus | success | event.outcome | -
authentication_status | rejected | event.outcome | failure
operationResult | Success | event.outcome | success
eventStatus | FAILED | event.outcome | failure
scanStatus | FAILED | event.outcome |
allowed | false | event.outcome | failure
access | denied | event.outcome | failure
event.HostName | h1 | event.action |
event.EventType | RuleMatched | event.action | -
"""
ROWS = [tuple(cell.strip() for cell in row.split("|")) for row in KEYS.strip().splitlines()]


@pytest.mark.parametrize(("key", "value", "field", "wanted"), ROWS)
def test_a_key_of_a_schema_gives_its_field(key: str, value: str, field: str, wanted: str) -> None:
    given = read_pairs([key.replace(".", UNIT)], [value]).get(field, "")
    assert given == (value if wanted == "-" else wanted)
