"""The audit: who did what to what, and whether it is still what was written."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
)

from soc import clock
from soc.access.scopes import Scope
from soc.api.asked_once import Asked, answer_once
from soc.api.guard import actor_of
from soc.api.inputs import Limit, Offset
from soc.api.lists import Cursor, Listed, Moment, sorts_of
from soc.api.scopes import needs
from soc.audit.about import read_subjects
from soc.audit.check import public_key_text, verify_audit
from soc.audit.export import prove
from soc.audit.redact import expire_entries, redact_entry, redact_text
from soc.errors import ConfigurationError
from soc.store.db import read_session, write_session
from soc.store.nouns.installation.audit import AUDIT_SORTS, page_entries

router = APIRouter(prefix="/audit", tags=["audit"])
_Sort = Annotated[str, sorts_of(AUDIT_SORTS)]
_About = Annotated[
    str,
    Query(
        max_length=330,
        pattern=r"^[^\x00]*$",
        description="Only of this: `incident:ID`, `ticket:KEY` (with its incident), `rule:ID` …; empty: all.",
    ),
]
_By = Annotated[
    str,
    Query(
        max_length=330, pattern=r"^[^\x00]*$", description="Only of this actor, as `by` shows it; empty: all."
    ),
]
#: Findings that are answered one by one.
_MOST = 200


class AuditEntry(BaseModel):
    """One entry. `body`, `opened`, `hash` and `signature` prove it (docs/audit.md)."""

    seq: int = Field(examples=[42])
    at: str = Field(examples=["2026-01-14T22:03:11.000000Z"])
    by: str = Field(examples=["person:per-7k2m9q4x1c@said"])
    action: str = Field(examples=["set status"])
    subject: str = Field(examples=["incident:inc-7k2m9q4x1c"])
    group: str = Field(examples=[""])
    where: str = Field(examples=["page 10.0.0.7"])
    note: str = Field(examples=[""])
    trace: str = Field(description="The id of the trace that it was done in, or empty.", examples=[""])
    before: dict[str, JsonValue] = Field(examples=[{"status": "open"}])
    after: dict[str, JsonValue] = Field(examples=[{"status": "in progress"}])
    body: str = Field(description="What is hashed, to the byte.", examples=['{"action":"set status"}'])
    opened: dict[str, list[str]] = Field(
        description="By path the salt and the value's JSON; what is missing was redacted.",
        examples=[{"/after/status": ["00112233445566778899aabbccddeeff", '"in progress"']}],
    )
    hash: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    signature: str = Field(examples=["Pio+Cg0E…"])


class AuditEntries(Listed[AuditEntry]):
    """A page of entries."""


class AuditFinding(BaseModel):
    """Something is not what was written."""

    seq: int = Field(description="At which entry; 0: of the whole.", examples=[7])
    what: str = Field(examples=["its text is not what was hashed"])


class AuditVerdict(BaseModel):
    """What verification found."""

    sound: bool = Field(examples=[True])
    chain: str = Field(examples=["4d923406f5d4e4d7"])
    first: int = Field(examples=[1])
    last: int = Field(examples=[42])
    heads: int = Field(description="How many heads that had left were compared.", examples=[42])
    redacted: int = Field(description="How many values were redacted.", examples=[0])
    public_key: str = Field(description="Ed25519, base64.", examples=["wU8n…"])
    total: int = Field(description="How many findings there are; at most 200 are answered.", examples=[0])
    findings: list[AuditFinding] = Field(examples=[[]])


@router.get("", dependencies=[needs(Scope.AUDIT)], summary="Who did what, newest first")
def list_audit(
    about: _About = "",
    by: _By = "",
    sort: _Sort = "-seq",
    cursor: Cursor = "",
    offset: Offset = 0,
    limit: Limit = 50,
) -> AuditEntries:
    """With what proves each entry; `sort=seq` and `cursor` export all of it."""
    with read_session() as session:
        subjects = read_subjects(session, about) if about else []
        page = page_entries(
            session, subjects=subjects, made_by=by, sort=sort, cursor=cursor, offset=offset, limit=limit
        )
        return AuditEntries.of(page, [_entry(prove(row)) for row in page.rows])


def _entry(values: dict[str, Any]) -> AuditEntry:
    return AuditEntry.model_validate(values)


@router.get("/verification", dependencies=[needs(Scope.AUDIT)], summary="Whether it is what was written")
def verify_the_audit() -> AuditVerdict:
    """Reads all of it: an edit, a missing entry, a cut tail, a chain written anew."""
    found = verify_audit()
    return AuditVerdict(
        sound=found.sound, chain=found.chain, first=found.first, last=found.last, heads=found.heads,
        redacted=found.redacted, public_key=public_key_text(), total=len(found.findings),
        findings=[AuditFinding(seq=one.seq, what=one.what) for one in found.findings[:_MOST]],
    )  # fmt: skip


_Path = Annotated[str, StringConstraints(min_length=1, max_length=330, pattern=r"^/[^\x00]*$")]
_Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00]*$")
]


class RedactRequest(BaseModel):
    """Values of one entry by their paths, or every value that holds a text, in every entry."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"entry": 42, "paths": ["/after/email"], "why": "asked for by the person"}]
        },
    )

    entry: int | None = Field(default=None, ge=1, lt=2**63, examples=[42])
    paths: list[_Path] = Field(default=[], max_length=200, examples=[["/after/email", "/note"]])
    text: _Words | None = Field(default=None, examples=["anna@example.com"])
    why: _Words = Field(
        description="It is kept: do not repeat the value.", examples=["asked for by the person"]
    )


class RedactedValues(BaseModel):
    """What is gone, by entry. Backups and what was streamed still have it."""

    redacted: dict[str, list[str]] = Field(examples=[{"42": ["/after/email"]}])


class ExpireRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"before": "2026-01-01T00:00:00Z"}]}
    )

    before: Moment = Field(examples=["2026-01-01T00:00:00Z"])


class ExpiredEntries(BaseModel):
    expired: int = Field(description="How many entries are gone.", examples=[0])


@router.post("/redactions", dependencies=[needs(Scope.ADMIN)], summary="Take personal values out for good")
def redact_the_audit(data: RedactRequest, request: Request, once: Asked) -> RedactedValues:
    """The chain holds, and an entry says which values were taken, by whom and why. 409: the audit needs the value itself."""
    if (data.entry is None) == (data.text is None) or (data.entry is not None and not data.paths):
        raise ConfigurationError("Say what is to go.", hint="Give entry and paths, or text.")
    actor = actor_of(request)
    with write_session() as session:

        def work() -> RedactedValues:
            if data.entry is not None:
                gone = {data.entry: redact_entry(session, data.entry, data.paths, actor=actor, why=data.why)}
            else:
                gone = redact_text(session, data.text or "", actor=actor, why=data.why)
            return RedactedValues(redacted={str(seq): paths for seq, paths in gone.items()})

        return answer_once(session, once, work, RedactedValues)


@router.post("/expirations", dependencies=[needs(Scope.ADMIN)], summary="Delete the audit's beginning")
def expire_the_audit(data: ExpireRequest, request: Request, once: Asked) -> ExpiredEntries:
    """Entries from before the moment; a signed one keeps where the chain begins from now on."""
    if data.before > clock.now():
        raise ConfigurationError("That moment is not in the past.", hint="Write it as 2026-01-14T00:00:00Z.")
    with write_session() as session:

        def work() -> ExpiredEntries:
            gone = expire_entries(session, before=data.before, actor=actor_of(request))
            return ExpiredEntries(expired=gone)

        return answer_once(session, once, work, ExpiredEntries)
