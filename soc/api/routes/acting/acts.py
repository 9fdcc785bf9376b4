"""What people do to incidents and their tickets: the same acts by the incident's id and by the ticket's number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints
from sqlmodel import Session

from soc.access.once import Once
from soc.access.scopes import Scope
from soc.api.asked_once import Asked as AskedOnce
from soc.api.guard import actor_of
from soc.api.inputs import RowId
from soc.api.lists import Answer
from soc.api.problems import problem
from soc.api.scopes import needs
from soc.delivery.queues import enqueue_tries
from soc.domain.acts import ActKind, Ending, Verdict, Visibility
from soc.domain.incident import IncidentStatus
from soc.domain.severity import Priority
from soc.ids import new_id
from soc.store.db import read_session, write_session
from soc.tickets import acts
from soc.tickets.acts import Asked, Outcome
from soc.tickets.acts.marking import MOST
from soc.tickets.acts.members import Field as MemberField

_Text = Annotated[str, StringConstraints(max_length=30_000, pattern=r"^[^\x00]*$")]
_Id = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


def _shaped(**example: JsonValue) -> ConfigDict:
    """A body that takes nothing else, with what one looks like."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [example]})


class AssignRequest(BaseModel):
    """Who has it from now on."""

    model_config = _shaped(owner="per-7k2m9q4x1c", expected="")

    owner: _Id = Field(description="A person's id; empty gives it back.", examples=["per-7k2m9q4x1c"])
    expected: _Id | None = Field(
        default=None,
        description="Who had it when you looked (empty: nobody). If somebody else has it by now, the answer is 409 and nothing is changed.",
        examples=[""],
    )


class NoteRequest(BaseModel):
    """An investigation note."""

    model_config = _shaped(text="The address belongs to the night's backup job.")

    text: _Text = Field(examples=["The address belongs to the night's backup job."])
    visibility: Visibility = Field(
        default=Visibility.INTERNAL, description="Who may read it where the ticket is kept."
    )


class StatusRequest(BaseModel):
    """Where it stands from now on. An end needs a verdict: `close`."""

    model_config = _shaped(status="in_progress", expected="open")

    status: IncidentStatus = Field(examples=["in_progress"])
    expected: IncidentStatus | None = Field(
        default=None, description="What it was when you looked; another by now: 409.", examples=["open"]
    )


class PriorityRequest(BaseModel):
    """How urgent it is from now on, whatever its score says."""

    model_config = _shaped(priority="High")

    priority: Priority


class VerdictRequest(BaseModel):
    """What it turned out to be."""

    model_config = _shaped(verdict="duplicate", duplicate_of="inc-0bqr4mj9p4g2")

    verdict: Verdict
    duplicate_of: _Id = Field(
        default="",
        description="With `duplicate`: the other incident's id, or its ticket's key.",
        examples=["inc-0bqr4mj9p4g2"],
    )


class CloseRequest(VerdictRequest):
    """It is over, and this is what it was."""

    model_config = _shaped(verdict="benign_true_positive", note="The night's backup job.")

    note: _Text = Field(
        default="", description="Kept with the incident; empty: none.", examples=["The night's backup job."]
    )
    visibility: Visibility = Visibility.INTERNAL


class MembersRequest(BaseModel):
    """Members that come and go; the others stay."""

    model_config = _shaped(add=["phishing"], remove=["triage"])

    add: list[_Id] = Field(default=[], max_length=MOST, examples=[["phishing"]])
    remove: list[_Id] = Field(default=[], max_length=MOST, examples=[["triage"]])


class WatchersRequest(MembersRequest):
    """People who watch from now on, and who no longer do."""

    model_config = _shaped(add=["per-7k2m9q4x1c"], remove=[])

    add: list[_Id] = Field(
        default=[],
        max_length=MOST,
        description="Ids or e-mails of the roster.",
        examples=[["per-7k2m9q4x1c"]],
    )
    remove: list[_Id] = Field(default=[], max_length=MOST, examples=[["kim@example.com"]])


class ActOutcome(Answer):
    """What came of an act. What somebody else was first to do, and what is refused, is answered with 409."""

    incident_id: str = Field(examples=["inc-0bqr4mj9p4g2"])
    act: ActKind = Field(examples=["acknowledge"])
    outcome: Ending = Field(
        description="`done`, or `already`: it was so before, and nothing was changed.", examples=["done"]
    )
    said: str = Field(description="The same in words.", examples=["Acknowledged."])
    by: str = Field(default="", description="Who did it before, where somebody had.", examples=[""])
    act_id: str = Field(description="The act's own id.", examples=["act-0bqr4mj9p4g2"])


async def of_incident(incident_id: RowId, request: Request) -> None:
    """Which incident the address names, for `On`."""
    request.state.incident_id = incident_id


def _of_ticket(ticket_id: Annotated[int, Path(ge=1, le=2**31 - 1)], request: Request) -> None:
    with read_session() as session:
        request.state.incident_id = acts.incident_of(session, ticket_id)


async def _incident(request: Request) -> str:
    """Which incident the address means: its router has found out. "" where it means none: the answer is a refusal then."""
    return str(getattr(request.state, "incident_id", ""))


On = Annotated[str, Depends(_incident)]
incidents = APIRouter(
    prefix="/incidents/{incident_id}", tags=["incidents"], dependencies=[Depends(of_incident)]
)
tickets = APIRouter(prefix="/tickets/{ticket_id}", tags=["tickets"], dependencies=[Depends(_of_ticket)])


def answer(
    request: Request, once: Once | None, work: Callable[[Session, Asked], Outcome]
) -> ActOutcome | JSONResponse:
    """Do the act in one transaction with the caller's key, and say what came of it."""
    asked = Asked(actor_of(request), f"api:{once.id if once else new_id('ask')}")
    with write_session() as session:
        known = once.claim(session) if once else None
        outcome = None if known else work(session, asked)
        said: dict[str, Any] = known or _said(outcome)
        if once and not known:
            once.keep(session, said)
    if outcome is not None:
        enqueue_tries(outcome.tries)
    if said["outcome"] in (Ending.TAKEN, Ending.REFUSED):
        hint = (
            "Look at it as it is now." if said["outcome"] == Ending.TAKEN else "Change what the title names."
        )
        return problem(409, said["said"], hint, outcome=said["outcome"], by=said["by"])
    return ActOutcome.model_validate(said)


def _said(outcome: Outcome | None) -> dict[str, Any]:
    assert outcome is not None
    return {
        "incident_id": outcome.incident_id, "act": outcome.act.value, "outcome": outcome.ending.value, "said": outcome.said,
        "by": outcome.by, "act_id": outcome.act_id,
    }  # fmt: skip


def acknowledge(on: On, request: Request, once: AskedOnce) -> Any:
    """You have seen it and look into it. The first one wins; the second is told who (409)."""
    return answer(request, once, lambda session, asked: acts.acknowledge(session, on, asked))


def assign(on: On, data: AssignRequest, request: Request, once: AskedOnce) -> Any:
    """Also of its tickets."""
    return answer(
        request,
        once,
        lambda session, asked: acts.assign(session, on, data.owner, asked, expected=data.expected),
    )


def add_note_to(on: On, data: NoteRequest, request: Request, once: AskedOnce) -> Any:
    """It is kept here, and told where the ticket is kept."""
    return answer(
        request,
        once,
        lambda session, asked: acts.add_note(session, on, data.text, asked, visibility=data.visibility),
    )


def set_status_of(on: On, data: StatusRequest, request: Request, once: AskedOnce) -> Any:
    """What has ended is reopened by it: acknowledgement and verdict begin anew."""
    return answer(
        request,
        once,
        lambda session, asked: acts.set_status(session, on, data.status, asked, expected=data.expected),
    )


def set_priority_of(on: On, data: PriorityRequest, request: Request, once: AskedOnce) -> Any:
    """Also of its tickets; their clocks follow."""
    return answer(request, once, lambda session, asked: acts.set_priority(session, on, data.priority, asked))


def close(on: On, data: CloseRequest, request: Request, once: AskedOnce) -> Any:
    """What its alerts began elsewhere is ended too."""
    return answer(
        request,
        once,
        lambda session, asked: acts.close(
            session,
            on,
            data.verdict,
            asked,
            note=data.note,
            visibility=data.visibility,
            duplicate_of=data.duplicate_of,
        ),
    )


def set_verdict_of(on: On, data: VerdictRequest, request: Request, once: AskedOnce) -> Any:
    """Of one that has ended: closed elsewhere without a verdict, or judged otherwise since."""
    return answer(
        request,
        once,
        lambda session, asked: acts.set_verdict(
            session, on, data.verdict, asked, duplicate_of=data.duplicate_of
        ),
    )


def set_labels_of(on: On, data: MembersRequest, request: Request, once: AskedOnce) -> Any:
    """Also where the ticket is kept. The product's own (`soc-…`) stay as they are."""
    return _members(on, "labels", data, request, once)


def set_components_of(on: On, data: MembersRequest, request: Request, once: AskedOnce) -> Any:
    """Also where the ticket is kept, whose project has to have them."""
    return _members(on, "components", data, request, once)


def set_watchers_of(on: On, data: WatchersRequest, request: Request, once: AskedOnce) -> Any:
    """Also where the ticket is kept, by the account that the roster names. Whoever only that place knows stays as they are."""
    return _members(on, "watchers", data, request, once)


def _members(on: str, field: MemberField, data: MembersRequest, request: Request, once: Once | None) -> Any:
    return answer(
        request,
        once,
        lambda session, asked: acts.change_members(session, on, field, data.add, data.remove, asked),
    )


_ACTS: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("/acknowledge", acknowledge, "Acknowledge it"),
    ("/assign", assign, "Give it to a person"),
    ("/notes", add_note_to, "Add a note"),
    ("/status", set_status_of, "Move it"),
    ("/priority", set_priority_of, "Choose its priority"),
    ("/close", close, "Close it with a verdict"),
    ("/verdict", set_verdict_of, "Say what it turned out to be"),
    ("/labels", set_labels_of, "Add labels, or take them out"),
    ("/components", set_components_of, "Add components, or take them out"),
    ("/watchers", set_watchers_of, "Say who watches it"),
)
for _router, _noun in ((incidents, "incident"), (tickets, "ticket")):
    for _path, _act, _summary in _ACTS:
        _router.add_api_route(
            _path,
            _act,
            methods=["POST"],
            name=f"{_act.__name__}_{_noun}",
            summary=_summary,
            dependencies=[needs(Scope.ACT)],
            response_model=ActOutcome,
        )
