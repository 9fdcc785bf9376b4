"""An incident as a ticket: the guide's format, Jira's limits, hostile log text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from soc.domain.classification import Classification
from soc.domain.incident import Reason, Sample
from soc.integrations.kit.fields import length
from soc.integrations.registry import validate
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.ticket import (
    LONGEST_TEXT,
    description_of,
    draft_of,
    fields_of,
    incident_label,
    labels_of,
    ticket_summary,
)
from tests.integrations.examples import an_incident
from tests.integrations.vendors.jira.example import CLOUD, DATA_CENTER

HOSTILE = (
    "<!channel> {noformat} {code} [~admin] {color:red}x{color} ```\x00\x1b[31m \ud800 \u2028 |a| & 🙂\r\nnext"
)


def config(data: dict[str, Any] = CLOUD, **changes: Any) -> JiraConfig:
    made = validate("jira", {**data, **changes})
    assert isinstance(made, JiraConfig)
    return made


def fields(**changes: Any) -> dict[str, Any]:
    made, _ = fields_of(
        draft_of(an_incident(), "2026-01-15"), config(**changes), issue_type_id="10004", screen=None
    )
    return made


def texts(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if "text" in node else []
        return own + [t for child in node.get("content", []) for t in texts(child)]
    return []


def test_the_summary_is_the_guides() -> None:
    assert ticket_summary(an_incident()) == "[CRITICAL] Security Alert - SecuritySystem (Severity 9)"


def test_the_summary_is_one_line_of_at_most_255_and_keeps_its_severity() -> None:
    summary = ticket_summary(
        an_incident(source="a\nb\r" + "🙂" * 300, score=5, classification=Classification.ERROR)
    )
    assert length(summary) <= 255
    assert "\n" not in summary
    assert "\r" not in summary
    assert summary.startswith("[MEDIUM] Error - a b")
    assert summary.endswith("… (Severity 5)")


def test_the_labels_are_the_guides_and_hold_no_blank() -> None:
    assert labels_of(an_incident()) == [
        "soc-automated",
        "severity-9",
        "security-alert",
        "soc-incident-inc-7k2m9q4x1c",
    ]
    assert labels_of(an_incident(), practice=True)[-1] == "soc-practice"
    assert incident_label("a b/ü" + "x" * 300).startswith("soc-incident-a-b--x")
    assert len(incident_label("x" * 300)) <= 255


@pytest.mark.parametrize(
    ("score", "priority"),
    [(10, "Highest"), (9, "Highest"), (8, "High"), (6, "Medium"), (3, "Low"), (1, "Lowest")],
)
def test_the_priority_follows_the_severity(score: int, priority: str) -> None:
    made, _ = fields_of(
        draft_of(an_incident(score=score), "2026-01-15"), config(), issue_type_id="1", screen=None
    )
    assert made["priority"] == {"name": priority}


def test_a_priority_mapping_may_name_only_what_differs() -> None:
    assert fields(priority_mapping={"critical": "Blocker"})["priority"] == {"name": "Blocker"}
    assert config(priority_mapping={"critical": "Blocker"}).priority_mapping["low"] == "Low"


def test_project_components_due_date_and_type_are_sent() -> None:
    made = fields(components="Security, Infrastructure")
    assert made["project"] == {"key": "SOC"}
    assert made["components"] == [{"name": "Security"}, {"name": "Infrastructure"}]
    assert made["duedate"] == "2026-01-15"
    assert made["issuetype"] == {"id": "10004"}


def test_what_the_screen_or_project_lacks_is_left_out_and_named() -> None:
    made, left_out = fields_of(
        draft_of(an_incident(), "2026-01-15"), config(components="Security,Nope"), issue_type_id="1",
        screen={"labels", "priority", "components"}, priorities={"High"}, components={"Security"},
    )  # fmt: skip
    assert "duedate" not in made
    assert "priority" not in made
    assert made["components"] == [{"name": "Security"}]
    assert left_out == ("priority Highest", "due date", "component Nope")


@pytest.mark.parametrize("data", [CLOUD, DATA_CENTER], ids=["cloud", "data center"])
def test_the_description_has_every_part_of_the_guide(data: dict[str, Any]) -> None:
    made, _ = fields_of(draft_of(an_incident(), "2026-01-15"), config(data), issue_type_id="1", screen=None)
    text = (
        made["description"] if isinstance(made["description"], str) else "\n".join(texts(made["description"]))
    )
    plain = text.replace("\\", "")
    for part in (
        "Log source and classification", "SecuritySystem", "Security Alert",
        "Severity score and confidence", "9 of 10 (critical)", "95%",
        "Full log message", "CRITICAL: Multiple failed root login attempts - potential breach",
        "Recommended response actions", "Contain:",
        "Evidence", "failed root login", "Sample lines", "night.log:7: one raw line",
        "SOC system metadata", "inc-7k2m9q4x1c", "bat-3f8h2j5n6p", "2026-01-15T10:30:00Z",
    ):  # fmt: skip
        assert part in plain, part


def hostile() -> Any:
    reason = Reason(signature="s", title=HOSTILE, words=HOSTILE, start=0, end=1, weight=3)
    sample = Sample(file=HOSTILE, line_no=1, offset=0, text=HOSTILE * 20)
    return an_incident(
        title=HOSTILE, source=HOSTILE, entity="", template=HOSTILE, message=HOSTILE + '"\\' * 20_000,
        reasons=(reason,) * 30, samples=(sample,) * 8,
    )  # fmt: skip


@pytest.mark.parametrize(
    "incident", [an_incident(), hostile(), an_incident(message="", reasons=(), samples=())]
)
def test_adf_is_valid_by_atlassians_own_schema(incident: Any, shared: Path) -> None:
    schema = json.loads((shared / "specs/jira/adf-full.v1.schema.json").read_text())
    jsonschema.Draft4Validator(schema).validate(description_of(draft_of(incident, ""), cloud=True))


@pytest.mark.parametrize("cloud", [True, False])
def test_a_description_fits_and_says_where_it_was_cut(cloud: bool) -> None:
    made = description_of(draft_of(hostile(), ""), cloud=cloud)
    text = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)
    assert length(text) <= LONGEST_TEXT
    assert "cut here" in text
    assert all(t for t in texts(made)), "ADF text nodes may not be empty"
    text.encode()  # no half characters
    assert "\x00" not in text
    assert "\x1b" not in text


def test_wiki_markup_in_a_log_line_stays_text() -> None:
    text = description_of(
        draft_of(an_incident(source="[~admin] {color:red}", message="x {noformat} {code:java} y"), ""),
        cloud=False,
    )
    assert "\\[\\~admin\\] \\{color:red\\}" in text
    assert text.count("{noformat}") == 4, "two blocks, opened and closed; the log line's own is broken up"
    assert "{code" not in text
