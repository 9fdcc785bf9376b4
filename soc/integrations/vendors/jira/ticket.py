"""An incident as a Jira ticket: pure, in the setup guide's own format."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from soc import __version__
from soc.clock import isoformat
from soc.domain.classification import Classification
from soc.domain.incident import Incident, telling
from soc.domain.message import OpenTicket
from soc.domain.severity import Severity
from soc.integrations.kit.fields import cut, length, one_line
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.fields.document import (
    Block,
    Bullets,
    Code,
    Facts,
    Heading,
    Link,
    Paragraph,
    adf,
    wiki,
)

LONGEST_SUMMARY = 255
LONGEST_TEXT = 32_767
PROPERTY = "soc-incident"
#: The entity property that says when the response target ends, to the second: a due date is a day.
SLA_PROPERTY = "soc.sla"
#: How many characters of one log text are quoted, tried from the left until the description fits.
_QUOTES = (12_000, 6_000, 3_000, 1_500, 700, 300, 100)
_MOST_SAMPLES = 5
#: What the link to the incident's page is called.
OPEN_INCIDENT = "Open the incident in the SOC operations dashboard"
#: What the moment is called at which the response target ends, as it was when the ticket was opened.
TO_BE_ANSWERED = "To be answered by"
_CUT = "\n… (cut here; the whole line is on the incident's page)"

ACTIONS: Mapping[Classification, tuple[str, ...]] = {
    Classification.SECURITY_ALERT: (
        "Confirm the alert: look at the raw lines below and at what the same source did before and after.",
        "Contain: block the address or lock the account where the activity is not expected.",
        "Reset credentials that may have been used, and end their sessions.",
        "Keep the evidence (logs, memory, disk) before anything is rebuilt.",
        "Tell the security lead; widen the search to other hosts and accounts.",
    ),
    Classification.CRITICAL_ERROR: (
        "Find out whether the service is up and who is affected.",
        "Look at the change, deployment or capacity event just before the first line.",
        "Fail over or restart by the runbook; do not restart before the state is saved.",
        "Tell the owner of the service and keep this ticket as the timeline.",
    ),
    Classification.ERROR: (
        "Check whether the error goes on and how often it comes.",
        "Compare with the last change of the component.",
        "Pass it to the owner of the component with the lines below.",
    ),
    Classification.WORKFLOW_ERROR: (
        "Find the step that failed and whether it was retried.",
        "Repair its input or the service that it calls, then run it again.",
        "Check what later steps did with the missing result.",
    ),
    Classification.RESOURCE_USAGE: (
        "Check the present use of the resource and its trend.",
        "Free or add capacity before the limit is reached.",
        "Find what grew: a leak, a runaway job, or more load.",
    ),
}
_OTHER_ACTIONS = (
    "Read the lines below and decide whether this is expected.",
    "If it is, lower its score by a rule; if not, find the owner of the source.",
)


def ticket_summary(incident: Incident) -> str:
    """`[CRITICAL] Security Alert - SecuritySystem (Severity 9)`: one line of at most 255 characters."""
    start = f"[{incident.severity.upper()}] {incident.classification} - "
    end = f" (Severity {incident.score})"
    source = one_line(incident.source) or "unknown source"
    return start + cut(source, LONGEST_SUMMARY - length(start) - length(end)) + end


def incident_label(incident_id: str) -> str:
    """The label that makes the ticket findable by its incident."""
    clean = re.sub(r"[^A-Za-z0-9._-]", "-", incident_id)
    if clean != incident_id or len(clean) > 200:  # two ids may look the same once they are cleaned
        clean = f"{clean[:200]}-{hashlib.sha256(incident_id.encode('utf-8', 'replace')).hexdigest()[:12]}"
    return f"{PROPERTY}-{clean}"


def labels_of(incident: Incident, *, practice: bool = False) -> list[str]:
    """`soc-automated`, `severity-9`, `security-alert`, `soc-incident-<id>`; Jira's labels hold no blanks."""
    labels = [
        "soc-automated",
        f"severity-{incident.score}",
        re.sub(r"[^a-z0-9]+", "-", incident.classification.lower()).strip("-"),
        incident_label(incident.id),
    ]
    return [*labels, "soc-practice"] if practice else labels


@dataclass(frozen=True)
class Draft:
    """What a ticket says, before the project has a say. `blocks(quote)` is its text with log texts cut at `quote`."""

    incident_id: str
    summary: str
    blocks: Callable[[int], list[Block]]
    labels: tuple[str, ...]
    severity: Severity
    #: The day on which its response target ends ("": nobody knows), and the moment.
    due: str
    security: bool = False
    ends: str = ""
    #: The caller named no severity: a ticket that is there keeps its own.
    unsaid: bool = False
    #: The key of the ticket that it goes on from, or was split off ("": none).
    relates: str = ""


def draft_of(
    incident: Incident,
    due: str,
    *,
    practice: bool = False,
    url: str = "",
    ends: str = "",
    follows: str = "",
    parted_from: str = "",
) -> Draft:
    """The ticket of an incident that the log path found; `url` is the incident's page."""
    return Draft(
        incident.id,
        ticket_summary(incident),
        lambda quote: [*goes_on(follows, parted_from), *blocks_of(incident, quote, url, ends)],
        tuple(labels_of(incident, practice=practice)),
        incident.severity,
        due,
        incident.classification is Classification.SECURITY_ALERT,
        ends,
        relates=follows or parted_from,
    )


def draft_of_message(message: OpenTicket, *, practice: bool) -> Draft:
    """The ticket that the message asks for."""
    return draft_of(
        message.incident, message.due, practice=practice, url=message.url, ends=message.ends, follows=message.follows,
        parted_from=message.parted_from,
    )  # fmt: skip


def sla_value(*, ends: str, due: str) -> dict[str, str]:
    """What the property says: the moment at which the response target ends (ISO-8601, UTC), and the due date made of it."""
    return {"response_ends": ends, "due": due}


def goes_on(follows: str, parted_from: str = "") -> list[Block]:
    """From which done ticket it goes on, or which one it was split off; nothing where neither."""
    told = [f"It was seen again after {follows} was done."] if follows else []
    told += [f"It was split off {parted_from}."] if parted_from else []
    return [Paragraph(one) for one in told]


def description_of(draft: Draft, *, cloud: bool) -> Any:
    """The description as ADF (Cloud) or wiki markup (Data Center), within 32,767 characters.

    Quoted log text is shortened, with a notice, until it fits. The limit is applied to ADF as it is sent, marks and
    braces included: what exactly Cloud counts is not documented.
    """
    for quote in _QUOTES:
        blocks = draft.blocks(quote)
        text: Any = adf(blocks) if cloud else wiki(blocks)
        size = length(json.dumps(text, ensure_ascii=False) if cloud else text)
        if size <= LONGEST_TEXT:
            return text
    raise ValueError("an incident's own fields are longer than a description")  # pragma: no cover


def blocks_of(incident: Incident, quote: int, url: str = "", ends: str = "") -> list[Block]:
    """The parts that the guide names, in its order; each log text is cut at `quote` characters."""

    def seen(moment: Any) -> str:
        return isoformat(moment) if moment else "not in the log"

    samples = [
        f"{cut(one_line(s.file), 120)}:{s.line_no}: {cut(s.text, quote // 4, _CUT)}" for s in incident.samples
    ]
    evidence: list[Block] = [Heading("Evidence"), Bullets(_reasons(incident))] if incident.reasons else []
    quoted: list[Block] = (
        [Heading("Sample lines"), Code("\n".join(samples[:_MOST_SAMPLES]))] if samples else []
    )
    return [
        Paragraph(f"{cut(one_line(incident.title), 500)}"),
        Link(OPEN_INCIDENT, url),
        Heading("Log source and classification"),
        Facts(
            (
                ("Log source", cut(incident.source, 500)),
                ("Classification", incident.classification),
                ("Address or host", cut(incident.entity, 300)),
                ("Lines", f"{incident.count:,}"),
                ("First seen", seen(incident.first_seen)),
                ("Last seen", seen(incident.last_seen)),
            )
        ),
        Heading("Severity score and confidence"),
        Facts(
            (
                ("Severity score", f"{incident.score} of 10 ({incident.severity})"),
                ("Confidence", f"{incident.confidence:.0%}"),
                ("Priority", incident.priority),
                *(((TO_BE_ANSWERED, ends),) if ends else ()),
            )
        ),
        Heading("Full log message"),
        Code(cut(incident.message, quote, _CUT)),
        Heading("Recommended response actions"),
        Bullets(ACTIONS.get(incident.classification, _OTHER_ACTIONS)),
        *evidence,
        *quoted,
        Heading("SOC system metadata"),
        Facts(
            (
                ("Incident", incident.id),
                ("Batch", incident.batch_id),
                ("Rule", incident.rule_id),
                ("Template", cut(incident.template, 500)),
                ("Created by", f"SOC operations dashboard {__version__}"),
            )
        ),
    ]


def _reasons(incident: Incident) -> tuple[str, ...]:
    return tuple(
        reason.told(
            cut(reason.title, 200), f"“{cut(one_line(reason.words), 200)}”", f" at byte {reason.start}"
        )
        + (f", {reason.attack}" if reason.attack else "")
        for reason in telling(incident.reasons)[:20]
    )


def fields_of(
    draft: Draft,
    config: JiraConfig,
    *,
    issue_type_id: str,
    screen: Collection[str] | None,
    priorities: Collection[str] | None = None,
    components: Collection[str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The `fields` of the create request, and what had to be left out.

    `screen` are the fields of the create screen, `priorities` and `components` the names it accepts; None means
    unknown, and then everything is sent. `more` are fields that were filled in beside; labels are added to ours.
    """
    fields: dict[str, Any] = {
        "project": {"key": config.project_key},
        "issuetype": {"id": issue_type_id},
        "summary": draft.summary,
        "description": description_of(draft, cloud=config.cloud),
    }
    left_out: list[str] = []

    def put(name: str, value: Any, words: str) -> None:
        if screen is None or name in screen:
            fields[name] = value
        else:
            left_out.append(words)

    put("labels", list(draft.labels), "labels")
    priority = config.priority_mapping[draft.severity]
    if priorities is not None and priority not in priorities:
        left_out.append(f"priority {priority}")
    else:
        put("priority", {"name": priority}, "priority")
    if draft.due:
        put("duedate", draft.due, "due date")
    known = [name for name in config.components if components is None or name in components]
    left_out += [f"component {name}" for name in config.components if name not in known]
    if known:
        put("components", [{"name": name} for name in known], "components")
    for name, value in (more or {}).items():
        fields[name] = [*fields[name], *value] if name == "labels" and name in fields else value
    return fields, tuple(left_out)
