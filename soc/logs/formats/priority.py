"""Lines of which only a syslog priority is known: `<34>body`."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Format, Header, example
from soc.logs.formats.kit.expressions import PRIORITY

FORMAT = Format(
    name="priority",
    title="Syslog, priority only",
    about="`<34>body`: people are shown the whole line.",
    order=180,
    part_of="syslog",
    header=Header(
        expression=rf"(?s)^{PRIORITY}(?P<body>.*)$",
        fields={},
        begins="<",
        source=("process.name", "host.name"),
    ),
    examples=(example("<13>something happened", {}),),
)
