"""Records that are not lines: each is read as itself, and none is lost."""

from __future__ import annotations

from tests.logs.reading import read

_SAID = "Failed password for root from 203.0.113.9 port 22 ssh2"


def test_each_entry_of_a_journals_export_is_an_event() -> None:
    first = f"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1770283230123456\nPRIORITY=3\n_HOSTNAME=h1\nSYSLOG_IDENTIFIER=sshd\nMESSAGE={_SAID}\n\n"
    text = "two\nlines"
    second = (
        b"__CURSOR=s=2\nMESSAGE\n" + len(text).to_bytes(8, "little") + text.encode() + b"\n_HOSTNAME=h2\n"
    )
    done = read(first.encode() + second, "journal.export")
    assert done.cells("message", "host.name", "process.name", "source.ip", "log.level") == [
        (_SAID, "h1", "sshd", "203.0.113.9", "error"),
        (text, "h2", None, None, None),
    ]
    assert str(done.cells("@timestamp")[0][0]) == "2026-02-05 09:20:30.123456+00:00"


def test_each_frame_of_a_stream_is_an_event_though_no_line_ends() -> None:
    lines = [f"<34>1 2026-03-01T02:00:0{n}Z web{n} sshd 77 - - {_SAID}" for n in range(3)]
    done = read("".join(f"{len(line)} {line}" for line in lines))
    assert done.cells("host.name", "message") == [(f"web{n}", _SAID) for n in range(3)]


def test_what_follows_the_frames_and_is_none_is_kept() -> None:
    line = "<34>1 2026-03-01T02:00:00Z web1 app 77 - - one"
    done = read(f"{len(line)} {line}{len(line)} {line}no frame\nand more")
    assert [raw for (raw,) in done.cells("raw")] == [line, line, "no frame", "and more"]


def test_what_a_container_runtime_cut_is_one_line_and_two_streams_are_not_mixed() -> None:
    at = "2026-01-15T23:00:20.1Z"
    text = (
        f"{at} stdout P one \n{at} stderr F two\n{at} stdout P more \n{at} stdout F end\n{at} stdout P open\n"
    )
    assert [said for (said,) in read(text).cells("message")] == ["two", "one more end", "open"]
