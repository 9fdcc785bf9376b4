"""Lines as Go's glog and the parts of a cluster write them: `E0301 02:00:07.123456 17 file.go:63] body`."""

from __future__ import annotations

from soc.logs.formats.kit.declare import Format, Header, example

FORMAT = Format(
    name="klog",
    title="glog, klog",
    about="`E0301 02:00:07.123456   17 file.go:63] body`: level, month and day, time, thread, place in the program.",
    order=100,
    header=Header(
        expression=r"(?s)^(?P<level>[IWEF])(?P<time>[01]\d[0-3]\d \d\d:\d\d:\d\d(?:\.\d{1,9})?) +(?P<pid>\d{1,10}) [A-Za-z0-9_./-]+:\d{1,6}\] (?P<body>.*)$",
        fields={"level": "log.level", "pid": "process.pid"},
        begins="IWEF",
        words={
            "level": ("log.level", {"I": "info", "W": "warning", "E": "error", "F": "fatal"}),
        },
        body_is_message=True,
    ),
    examples=(
        example(
            "E0301 02:00:07.123456   17 server.go:63] no lease for eth0",
            {"log.level": "error", "process.pid": 17, "message": "no lease for eth0"},
        ),
    ),
)
