"""A hand-over says what is missing first, counts as the store does, loses no word, and changes hands once."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlmodel import Session, select

from soc import clock
from soc.configuration.save import save_configuration
from soc.domain.actor import AT_A_PAGE
from soc.domain.audit import Head
from soc.domain.roster.handover import Outlook, missing
from soc.errors import Conflict, NotFound
from soc.handover import giving
from soc.handover.document import as_json, from_json
from soc.handover.pdf import write_pdf
from soc.handover.reading import read_handover
from soc.handover.texts import as_html, as_pdf, post_of
from soc.store.db import read_session, write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.deliveries import DeliveryRow
from soc.store.nouns.incidents.incidents import IncidentRow
from soc.store.nouns.incidents.outlooks import list_outlooks
from soc.store.nouns.rules.suppressions import SuppressionRow
from soc.store.nouns.sla.sla_clocks import SlaEventRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from tests.rows import NIGHT, add_delivery, add_incident, add_person, add_ticket

NOW = NIGHT + timedelta(hours=10)
HOUR = timedelta(hours=1)
WHOLE = Outlook("a scanner", "ask the network team", NOW + HOUR, "")


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    migrate()
    with time_machine.travel(NOW, tick=False):
        yield


def _opened(session: Session, number: int, **values: Any) -> str:
    owner = values.pop("owner", "per-kim")
    add_incident(session, f"inc-SOC-{number}", owner=owner)
    due = values.pop("due_at", NOW + number * HOUR)
    add_ticket(session, f"SOC-{number}", due_at=due, created_at=NOW - 3 * HOUR, owner=owner, **values)
    return f"inc-SOC-{number}"


def _three() -> None:
    with write_session() as session:
        for name in ("kim", "amira"):
            add_person(session, f"per-{name}")
        for number in (1, 2, 3):
            _opened(session, number)
    giving.write_outlook("inc-SOC-1", WHOLE, based_on=0, actor=AT_A_PAGE)
    giving.write_outlook("inc-SOC-2", WHOLE, based_on=0, actor=AT_A_PAGE)


def test_what_the_next_shift_would_have_to_ask_is_missing() -> None:
    assert missing("per-kim", WHOLE, now=NOW) == []
    assert missing("", None, now=NOW) == ["owner", "hypothesis", "next step", "by when"]
    assert missing("x", Outlook(" ", "\t", NOW - HOUR, "y"), now=NOW) == [
        "hypothesis", "next step", "a new “by when” (it has passed)",
    ]  # fmt: skip


def test_what_misses_something_stands_on_top_then_the_next_to_run_out() -> None:
    _three()
    found = read_handover()
    assert [one.key for one in found.open] == ["SOC-3", "SOC-1", "SOC-2"]
    assert (found.total, found.lacking) == (3, 1)
    assert found.open[0].missing == ["hypothesis", "next step", "by when"]
    with time_machine.travel(NOW + 2 * HOUR, tick=False):
        assert read_handover().lacking == 3  # “by when” has passed


def test_the_database_finds_missing_what_the_rule_does() -> None:
    dice = random.Random(11)
    with write_session() as session:
        for number in range(40):
            _opened(session, number, owner=dice.choice(("", "per-kim")))
    for number in range(40):
        by_when = dice.choice((None, NOW - HOUR, NOW, NOW + HOUR))
        outlook = Outlook(
            dice.choice(("", "  ", "h")), dice.choice(("", "s")), by_when, dice.choice(("", "b"))
        )
        giving.write_outlook(f"inc-SOC-{number}", outlook, based_on=0, actor=AT_A_PAGE)
    found = read_handover()
    lacks = [bool(one.missing) for one in found.open]
    assert lacks == sorted(lacks, reverse=True)
    assert (len(lacks), sum(lacks)) == (found.total, found.lacking)


def test_a_written_word_is_never_lost() -> None:
    _three()
    first = giving.write_outlook("inc-SOC-1", Outlook("mine", "m"), based_on=1, actor=AT_A_PAGE)
    second = giving.write_outlook("inc-SOC-1", Outlook("theirs", "t"), based_on=1, actor=AT_A_PAGE)
    again = giving.write_outlook("inc-SOC-1", Outlook("theirs", "t"), based_on=3, actor=AT_A_PAGE)
    assert [first.overtaken, second.overtaken, again.overtaken] == [False, True, False]
    with read_session() as session:
        kept = list_outlooks(session, "inc-SOC-1")
    assert [(row.version, row.hypothesis) for row in kept] == [(3, "theirs"), (2, "mine"), (1, "a scanner")]
    with pytest.raises(NotFound):
        giving.write_outlook("inc-none", WHOLE, based_on=0, actor=AT_A_PAGE)


def _sections() -> dict[str, tuple[int, list[str]]]:
    return {one.title: (one.total, [line.title for line in one.lines]) for one in read_handover().sections}


def test_every_section_counts_what_the_store_holds() -> None:
    with write_session() as session:
        _opened(session, 1, due_at=NOW - HOUR)
        _opened(session, 2, due_at=NOW + HOUR)
        old = add_ticket(session, "SOC-9", created_at=NOW - timedelta(days=3), due_at=NOW + timedelta(days=9))
        for cycle, at in ((1, NOW - timedelta(days=3)), (2, NOW - HOUR)):
            session.add(
                SlaEventRow(ticket_id=old.id or 0, clock="resolution", cycle=cycle, kind="activate", at=at, made_at=at, made_by="x:y@unknown")
            )  # fmt: skip
        add_delivery(session, "dlv-dead", state="dead", error="refused")
        add_delivery(session, "dlv-fine", state="delivered")
        session.add(
            TicketConflictRow(ticket_id=old.id or 0, field="priority", reason="both changed it", made_by="x:y@unknown", created_at=NOW, updated_at=NOW)
        )  # fmt: skip
        add_incident(session, "inc-closed", status="closed", title="closed")
        for day in range(2, 6):
            add_incident(session, f"inc-old-{day}", source="vpn", created_at=NOW - timedelta(days=day))
            add_incident(session, f"inc-both-{day}", source="web", created_at=NOW - timedelta(days=day))
        add_incident(session, "inc-both", source="web", created_at=NOW - HOUR)
        for name, begins, ends in (("soon", -1, 3), ("later", -1, 30), ("over", -9, -1), ("to come", 1, 2)):
            session.add(
                SuppressionRow(
                    id=f"sup-{name}", kind="suppression", reason=name, owner="per-kim", starts_at=NOW + begins * HOUR,
                    ends_at=NOW + ends * HOUR, entity="10.0.0.1", source="", signature="", class_contains="", created_at=NOW,
                    made_by="x:y@unknown",
                )
            )  # fmt: skip
    found = _sections()
    assert found["Suppressions that expire"] == (1, ["soon"])
    assert found["New"][0] == 2
    assert found["Reopened"] == (1, ["SOC-9 t"])
    assert found["Out of time"] == (1, ["SOC-1 t"])
    assert found["At risk"] == (1, ["SOC-2 t"])
    assert found["Not delivered"] == (1, ["Jira: open ticket"])
    assert found["Conflicts with the vendor"] == (1, ["SOC-9 t"])
    assert found["Closed without a verdict"] == (1, ["closed"])
    assert found["Silent sources"] == (1, ["vpn"])
    words = {one.title: one.lines[0].words for one in read_handover().sections if one.lines}
    assert words["Not delivered"] == "dead: refused"
    assert words["Silent sources"] == "no incident for 2 d; of the last 14 days 4 had some"


def test_the_shift_begins_with_the_last_hand_over_that_was_accepted() -> None:
    _three()
    row = giving.give_over(remark="", actor=AT_A_PAGE)
    assert read_handover().since == NOW - timedelta(hours=12)
    giving.accept(row.id, "per-kim", actor=AT_A_PAGE, take=[])
    with time_machine.travel(NOW + HOUR, tick=False):
        assert read_handover().since == NOW


def test_ownership_moves_item_by_item_or_at_once_and_to_one_person_alone() -> None:
    _three()
    row = giving.give_over(remark="r", actor=AT_A_PAGE, key="hov-1")
    assert giving.give_over(remark="r", actor=AT_A_PAGE, key="hov-1").created_at == row.created_at
    with write_session() as session:  # somebody else took it between giving and accepting
        session.get_one(IncidentRow, "inc-SOC-3").owner = "per-amira"
    one = giving.accept(row.id, "per-amira", actor=AT_A_PAGE, take=["inc-SOC-1", "inc-unknown"])
    assert (list(one.taken), list(one.kept)) == (["inc-SOC-1"], [])
    with pytest.raises(Conflict):
        giving.accept(row.id, "per-kim", actor=AT_A_PAGE)
    rest = giving.accept(row.id, "per-amira", actor=AT_A_PAGE)
    assert sorted(rest.taken) == ["inc-SOC-1", "inc-SOC-2", "inc-SOC-3"]
    assert {one.owner_name for one in read_handover().open} == {"Amira"}


def test_what_somebody_else_took_meanwhile_stays_theirs() -> None:
    _three()
    row = giving.give_over(remark="", actor=AT_A_PAGE)
    with write_session() as session:
        add_person(session, "per-lee")
        session.get_one(IncidentRow, "inc-SOC-2").owner = "per-lee"
    came = giving.accept(row.id, "per-amira", actor=AT_A_PAGE)
    assert [incident for incident, _ in came.kept] == ["inc-SOC-2"]
    assert sorted(came.taken) == ["inc-SOC-1", "inc-SOC-3"]


def test_a_file_obeys_nothing_that_a_log_says_and_stays_what_was_given() -> None:
    with write_session() as session:
        add_incident(session, "inc-SOC-1", title="<script>alert(1)</script> ' onload=x \u202e")
        add_ticket(session, "SOC-1", due_at=NOW + HOUR)
    giving.write_outlook("inc-SOC-1", Outlook("<img src=x>", "(a) \\ b 中"), based_on=0, actor=AT_A_PAGE)
    found = from_json(as_json(read_handover(remark="<b>")))
    page = as_html(found, zone=UTC).decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "http" not in page
    assert "Missing: owner, by when" in page
    assert b"\\\\u4e2d" in as_pdf(found, zone=UTC)
    assert "missing owner, by when" in post_of(found)


def test_a_file_names_what_has_nothing_in_one_line_as_the_page_does() -> None:
    found = read_handover()
    empty = [one.title for one in found.sections if not one.total]
    words = "Nothing of: new, reopened, "
    page, made = as_html(found, zone=UTC).decode(), as_pdf(found, zone=UTC).decode("cp1252")
    assert empty[:2] == ["New", "Reopened"]
    for text in (page, made):
        assert words in text
        assert "(0)" not in text.partition("Nothing of")[0].partition("Open incidents (0)")[2]
        assert not [one for one in empty if f"{one} (" in text]


def test_the_audit_s_head_leaves_in_words_with_the_line_to_keep_below_them() -> None:
    with write_session() as session:
        add_incident(session, "inc-SOC-1")
        add_ticket(session, "SOC-1", due_at=NOW + HOUR)
    giving.write_outlook("inc-SOC-1", Outlook("h", "n"), based_on=0, actor=AT_A_PAGE)
    found = read_handover()
    [line] = [one for section in found.sections if section.title == "Audit" for one in section.lines]
    head = Head.read(line.words)
    words = f"hash {head.hash[:16]}…, of {clock.parse(head.at):%Y-%m-%d %H:%M:%S} UTC, signed with the key {head.key}."
    page, posted = as_html(found, zone=UTC).decode(), post_of(found).splitlines()
    assert [unescape(one) for one in re.findall("<code>(.*?)</code>", page)] == [line.words]
    assert words in page
    assert words in posted[-2]
    assert Head.read(posted[-1]) == head


def test_a_pdf_is_one_whose_table_names_the_place_of_every_object() -> None:
    made = write_pdf([("title", "T"), *(("text", f"line {n} (x) \\ é – ") for n in range(300))])
    places = [int(one) for one in re.findall(rb"(\d{10}) 00000 n", made)]
    for number, place in enumerate(places, start=1):
        assert made[place:].startswith(b"%d 0 obj" % number)
    assert made[int(re.findall(rb"startxref\n(\d+)", made)[0]) :].startswith(b"xref")
    for length, body in re.findall(rb"/Length (\d+) >>\nstream\n(.*?)\nendstream", made, re.DOTALL):
        assert int(length) == len(body)
    pages = int(re.findall(rb"/Count (\d+)", made)[0])
    assert pages == len(re.findall(rb"/Type /Page /Parent", made)) > 5
    assert b"\\(x\\) \\\\ \xe9 \x96" in made


def test_a_pdf_s_heading_never_ends_a_page_and_each_page_says_which_it_is() -> None:
    for before in range(36, 60):
        lines = [("text", f"line {number}") for number in range(before)]
        made = write_pdf([*lines, ("head", "HEAD"), ("item", "ITEM"), ("text", "end")], foot="F")
        streams = re.findall(rb"stream\n(.*?)\nendstream", made, re.DOTALL)
        pages = [re.findall(rb"\((.*?)\) Tj", one) for one in streams]
        said = [b"F \xb7 page %d of %d" % (number, len(pages)) for number in range(1, len(pages) + 1)]
        assert [page[-1] for page in pages] == said
        [page] = [one for one in pages if b"HEAD" in one]
        assert page[page.index(b"HEAD") + 1 :][:2] == [b"\x95", b"ITEM"]


def test_it_is_posted_once_where_a_channel_is_connected() -> None:
    _three()
    row = giving.give_over(remark="quiet night", actor=AT_A_PAGE)
    document = from_json(row.document)
    assert giving.post(row, document, actor=AT_A_PAGE) == []
    save_configuration("slack", {"bot_token": "xoxb-1-2-abcdefghijklm", "channel": "#soc"}, actor=AT_A_PAGE)
    for _ in range(2):
        assert giving.post(row, document, actor=AT_A_PAGE) == ["slack"]
    with read_session() as session:
        (sent,) = session.exec(select(DeliveryRow).where(DeliveryRow.action == "tell_handover")).all()
    assert "quiet night" in sent.payload["text"]
    assert "SOC-3 t: missing hypothesis" in sent.payload["text"]
