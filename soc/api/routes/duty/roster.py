"""The roster: who is on duty, shifts and absences, who gets a ticket and why, hand-over of all that somebody holds."""

from __future__ import annotations

from fastapi import APIRouter, Request

from soc import clock
from soc.access.scopes import Scope
from soc.api.asked_once import Asked, answer_once
from soc.api.guard import actor_of
from soc.api.inputs import Limit, RowId
from soc.api.routes.duty.roster_models import (
    Absence,
    AbsenceRequest,
    Absences,
    AccountFound,
    AccountsFound,
    AssignmentRules,
    Decisions,
    GivenOut,
    HandOverAnswer,
    HandOverRequest,
    KeptTicket,
    NextChoice,
    NextChoices,
    RosterMember,
    RosterMembers,
    Shift,
    ShiftRequest,
    Shifts,
)
from soc.api.scopes import needs
from soc.domain.severity import Priority
from soc.roster import assigning, changing, finding, handing_over
from soc.roster.standing import Member, read_members
from soc.store.db import read_session, write_session
from soc.store.nouns.people.roster import list_absences, list_assignments, list_shifts
from soc.store.nouns.people.roster_rules import read_rules

router = APIRouter(prefix="/roster", tags=["roster"])


def _member(one: Member) -> RosterMember:
    return RosterMember(
        id=one.person.id, name=one.person.name, role=one.person.role, team=one.team, on_duty=one.presence.on,
        why=one.presence.why, until=one.presence.until, open_tickets=one.held, warning=one.warning,
    )  # fmt: skip


@router.get("", dependencies=[needs(Scope.READ)], summary="Who is in the roster, and who is on duty")
def show_roster() -> RosterMembers:
    """With what each holds."""
    with read_session() as session:
        return RosterMembers(items=[_member(one) for one in read_members(session, now=clock.now())])


@router.get("/shifts", dependencies=[needs(Scope.READ)], summary="Everybody's shifts")
def show_shifts() -> Shifts:
    """Who has none is on call at any time."""
    with read_session() as session:
        rows = list_shifts(session)
        return Shifts(
            items=[Shift(id=row.id, person_id=row.person_id, words=row.as_shift().words) for row in rows]
        )


@router.post("/shifts", dependencies=[needs(Scope.LEAD)], status_code=201, summary="Add a shift")
def create_shift(data: ShiftRequest, request: Request, once: Asked) -> Shift:
    """Weekdays are those on which it begins."""
    with write_session() as session:

        def add() -> Shift:
            row = changing.add_shift(
                session, data.person, weekdays=changing.read_days(data.days), start=changing.read_time(data.start),
                end=changing.read_time(data.end), zone=data.zone, since=data.since, until=data.until, actor=actor_of(request),
            )  # fmt: skip
            return Shift(id=row.id, person_id=row.person_id, words=row.as_shift().words)

        return answer_once(session, once, add, Shift)


@router.delete(
    "/shifts/{shift_id}", dependencies=[needs(Scope.LEAD)], status_code=204, summary="Take a shift away"
)
def delete_shift(shift_id: RowId, request: Request) -> None:
    """The audit keeps what it was."""
    with write_session() as session:
        changing.remove_shift(session, shift_id, actor=actor_of(request))


@router.get("/absences", dependencies=[needs(Scope.READ)], summary="Who is out of office, and who will be")
def show_absences() -> Absences:
    """The first to begin first."""
    with read_session() as session:
        rows = list_absences(session, since=clock.now())
        return Absences(items=[Absence.model_validate(row) for row in rows])


@router.post(
    "/absences", dependencies=[needs(Scope.ACT)], status_code=201, summary="Add a time out of office"
)
def create_absence(data: AbsenceRequest, request: Request, once: Asked) -> Absence:
    """They are told nothing and given nothing meanwhile; what they hold stays theirs."""
    with write_session() as session:

        def add() -> Absence:
            row = changing.add_absence(
                session, data.person, start=data.start, end=data.end, note=data.note, actor=actor_of(request)
            )
            return Absence.model_validate(row)

        return answer_once(session, once, add, Absence)


@router.delete(
    "/absences/{absence_id}", dependencies=[needs(Scope.ACT)], status_code=204, summary="Take an absence away"
)
def delete_absence(absence_id: RowId, request: Request) -> None:
    """They are back."""
    with write_session() as session:
        changing.remove_absence(session, absence_id, actor=actor_of(request))


@router.get("/decisions", dependencies=[needs(Scope.READ)], summary="Who was given which ticket, and why")
def show_decisions(limit: Limit = 50) -> Decisions:
    """The newest first."""
    with read_session() as session:
        return Decisions(
            items=[GivenOut.model_validate(row) for row in list_assignments(session, limit=limit)]
        )


@router.get("/next", dependencies=[needs(Scope.READ)], summary="Who would get the next ticket")
def show_next() -> NextChoices:
    """For each priority, as things stand now. Nothing is changed."""
    with read_session() as session:
        found = [(one, assigning.preview(session, one, now=clock.now())) for one in Priority]
    items = [
        NextChoice(priority=priority, person_id=choice.person_id, why=choice.sentence)
        for priority, choice in found
    ]
    return NextChoices(items=items)


@router.get("/rules", dependencies=[needs(Scope.READ)], summary="How tickets are given out")
def show_assignment_rules() -> AssignmentRules:
    """Critical: the lead of the security team; high: an available analyst; the rest in turn."""
    with read_session() as session:
        row = read_rules(session)
        return AssignmentRules(automatic=row.automatic, security_team=row.security_team)


@router.put("/rules", dependencies=[needs(Scope.LEAD)], summary="Change how tickets are given out")
def update_assignment_rules(data: AssignmentRules, request: Request) -> AssignmentRules:
    """For tickets that open from now on."""
    with write_session() as session:
        assigning.set_rules(
            session, automatic=data.automatic, security_team=data.security_team, actor=actor_of(request)
        )
    return data


@router.post("/hand-over", dependencies=[needs(Scope.ACT)], summary="Hand over all that somebody holds")
def hand_over(data: HandOverRequest, request: Request, once: Asked) -> HandOverAnswer:
    """Ticket by ticket, as one group of the audit; what somebody else took meanwhile stays with them."""
    done = handing_over.hand_over(
        data.from_person, data.to_person, actor=actor_of(request), key=once.id if once else ""
    )
    return HandOverAnswer(
        moved=list(done.moved), kept=[KeptTicket(key=key, reason=why) for key, why in done.kept]
    )


@router.post("/accounts", dependencies=[needs(Scope.ADMIN)], summary="Find accounts by e-mail address")
def find_accounts(request: Request) -> AccountsFound:
    """Asks the connected vendors for everybody who has an address and no account there yet; what is found is kept."""
    found = finding.find_accounts(actor=actor_of(request))
    return AccountsFound(items=[AccountFound(**one._asdict()) for one in found])
