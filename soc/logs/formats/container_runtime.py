"""Lines of the container runtime interface: `2026-03-01T02:00:00.5Z stderr F what the program said`."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Format, Header, example

FORMAT = Format(
    name="cri",
    title="Container runtime",
    about="`TIME stdout|stderr F|P text`, as container runtimes write what a program says. What it says is read as itself.",
    order=25,
    header=Header(
        expression=r"^(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?:stdout|stderr) (?:[FP](?::[^ ]{1,40})?) (?P<body>.*)$",
        fields={},
        begins="0123456789",
        body_is_message=True,
        carries=True,
    ),
    examples=(
        example(
            '2026-03-01T02:05:00.5Z stderr F level=warn user=alice msg="cache miss" from=192.0.2.9',
            {
                "log.level": "warn",
                "user.name": "alice",
                "source.ip": "192.0.2.9",
                "message": 'level=warn user=alice msg="cache miss" from=192.0.2.9',
                "@timestamp": "2026-03-01T02:05:00.500Z",
            },
        ),
    ),
)
