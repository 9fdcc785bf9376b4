"""Labels, components and watchers of an incident's tickets: members are added and taken out, never the whole set written."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from soc.domain.acts import ActKind, Ending
from soc.errors import ConfigurationError
from soc.integrations.registry import titles
from soc.tickets.accounts import account_of
from soc.tickets.acts.asked import Asked, Came, Change, Outcome
from soc.tickets.acts.case import Case, act
from soc.tickets.acts.members import Field, Members, members_of_ticket, names_of
from soc.tickets.acts.owning import find_owner

#: As many at once.
MOST = 50
LONGEST = 255
#: The product knows its tickets by these labels, and keeps the verdict in one.
OURS = "soc-"
_ACTS = {
    "labels": ActKind.SET_LABELS,
    "components": ActKind.SET_COMPONENTS,
    "watchers": ActKind.SET_WATCHERS,
}


def change_members(
    session: Session, incident_id: str, field: Field, add: Sequence[str], remove: Sequence[str], asked: Asked
) -> Outcome:
    """Add these to the set and take those out. Watchers are people of the roster, by id or e-mail.

    Raises NotFound, ConfigurationError for what can be no member.
    """
    added, removed = (_clean(session, field, one) for one in (add, remove))
    if (not added and not removed) or added & removed:
        raise ConfigurationError(
            "Say what is added or what is taken out.",
            hint="Nothing can be both at once, and one of them must be there.",
        )

    def work(case: Case) -> Came:
        if not case.tickets:
            return Came(Ending.REFUSED, f"It has no ticket yet, and {field} are a ticket's.")
        known = [members_of_ticket(session, one.id or 0, one.integration) for one in case.tickets]
        if field == "watchers" and (said := _without_account(case, added)):
            return Came(Ending.REFUSED, said)
        came = {one for one in added if any(one not in members.of(field) for members in known)}
        gone = {one for one in removed if any(one in members.of(field) for members in known)}
        if not came and not gone:
            return Came(Ending.ALREADY, f"Its {field} are so already.")
        change = _change(session, field, known[0], came, gone)
        now = [one for one in change.after.split(", ") if not one.startswith(OURS)]
        return Came(Ending.DONE, f"Its {field} now: {', '.join(now) or 'none'}.", changes=(change,))

    return act(session, incident_id, _ACTS[field], asked, work)


def _change(session: Session, field: Field, known: Members, came: set[str], gone: set[str]) -> Change:
    before = known.of(field)
    after = tuple(sorted((set(before) | came) - gone))
    return Change(
        field, names_of(session, field, before), names_of(session, field, after),
        added=tuple(sorted(came)), removed=tuple(sorted(gone)),
    )  # fmt: skip


def _without_account(case: Case, people: set[str]) -> str:
    for ticket in case.tickets:
        for one in sorted(people):
            if not account_of(case.session, ticket.integration, one):
                where = titles([ticket.integration]) or ticket.integration
                return (
                    f"The roster knows no {where} account of {names_of(case.session, 'watchers', [one])}: "
                    "`soc roster accounts` finds it by e-mail."
                )
    return ""


def _clean(session: Session, field: Field, members: Sequence[str]) -> set[str]:
    if len(members) > MOST:
        raise ConfigurationError(f"These are more than {MOST} at once.", hint="Do it in several steps.")
    found = {one.strip() for one in members if one.strip()}
    if field == "watchers":
        return {find_owner(session, one) for one in found}
    for one in found:
        if len(one) > LONGEST or not one.isprintable() or (field == "labels" and len(one.split()) > 1):
            raise ConfigurationError(
                f"“{one[:40]}” can be no member of {field}.",
                hint=f"At most {LONGEST} characters{', none of them a blank' if field == 'labels' else ''}.",
            )
        if field == "labels" and one.startswith(OURS):
            raise ConfigurationError(
                f"“{one[:40]}” is the product's own label.",
                hint=f"Labels that begin with {OURS} are set by it alone.",
            )
    return found
