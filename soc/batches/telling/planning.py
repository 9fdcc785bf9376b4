"""What a batch's incidents call for: a message for each and every channel, and a summary."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from sqlmodel import Session

from soc import clock
from soc.batches.telling.flood import why_it_waits
from soc.delivery.idempotency import key_of
from soc.delivery.ledger import Intent
from soc.domain.actor import Actor
from soc.domain.incident import Incident
from soc.domain.message import SendSummary, announce
from soc.domain.rule import Suppression
from soc.domain.sla.planned import Planned
from soc.integrations.in_force import Standing, load_usable, standing_of
from soc.integrations.registry import KINDS, Kind, switched, takers
from soc.links import batch_url, incident_url
from soc.rules import Decision
from soc.rules.suppressing import find_hiding
from soc.sla.planned import planned_by
from soc.store.nouns.batches.batches import BatchRow
from soc.store.unchanged import while_unchanged
from soc.tickets.joining import Joining
from soc.tracing.attributes import Value
from soc.tracing.spans import mark

_RUN = Actor.system("batch")
#: The channels with a switch on the Process logs page, and the message each gets about an eligible incident.
SWITCHED: dict[str, str] = {kind.name: kind.tells for kind in switched()}


def plan_messages(
    session: Session,
    batch: BatchRow,
    chosen: Sequence[Incident],
    decisions: dict[str, list[Decision]],
    joinings: Mapping[str, Joining] = MappingProxyType({}),
    waiting: Collection[str] = (),
) -> list[Intent]:
    """A message for each eligible incident and channel; one that will not be sent is planned as suppressed, one that belongs
    to what that channel was told before as joined (`joinings`: by incident), one of those that are `waiting` as that.

    So eligible = delivered + joined + awaiting release + suppressed (with reason) + pending + dead holds for every channel.
    """
    planned = planned_by(session)
    now = clock.now()
    hiding = find_hiding(session, chosen, now=now)
    intents = []
    for channel, action in channels_of(batch).items():
        refusal, practice = _channel_state(batch, channel)
        zone = _zone_of(channel)
        for incident in sorted(chosen, key=lambda one: -one.score):
            wanting = [one.rule for one in decisions[incident.id] if one.matched and one.rule.names(channel)]
            known = joinings.get(incident.id)
            ends = planned.response_ends(incident, now=now)
            message = announce(
                action,
                incident,
                due=planned.day_of(incident, ends, zone=zone).isoformat(),
                url=incident_url(incident.id),
                ends=clock.isoformat(ends),
                follows=known.ticket if known is not None and not known.joins else "",
            )
            intents.append(
                Intent(
                    key=key_of(channel, message),
                    integration=channel,
                    message=message,
                    actor=Actor.rule(wanting[0].id) if wanting else _RUN,
                    incident_id=incident.id,
                    batch_id=batch.id,
                    practice=practice,
                    score=incident.score,
                    suppressed=_hidden(hiding.get(incident.id))
                    or refusal
                    or ("" if wanting else "no matching rule names this channel"),
                    joined=known.said if known is not None and known.joins and channel in known.told else "",
                    awaiting=why_it_waits(batch) if incident.id in waiting else "",
                )
            )
        batch.practice = batch.practice or (practice and not refusal)
    for channel in takers("send_summary"):
        refusal, practice = _channel_state(batch, channel)
        if not refusal:
            late = _late_at_intake(chosen, planned, intents, now=now)
            intents.append(
                _summary(batch, chosen, channel, practice=practice, intake=late, waiting=len(waiting))
            )
    return traced(intents)


def traced(intents: Sequence[Intent]) -> list[Intent]:
    """What is told of one incident follows from one span, the incident's; where nobody listens, from the run's."""
    spans: dict[str, str] = {}
    for one in intents:
        if (
            one.incident_id
            and one.incident_id not in spans
            and not (one.suppressed or one.joined or one.awaiting)
        ):
            of_it: dict[str, Value] = {"soc.incident": one.incident_id, "soc.incident.score": one.score}
            spans[one.incident_id] = mark("find incident", "internal", of_it)
    return [replace(one, traceparent=spans.get(one.incident_id or "", "")) for one in intents]


def _late_at_intake(
    chosen: Sequence[Incident], planned: Planned, intents: Sequence[Intent], *, now: datetime
) -> int:
    """How many of the incidents get a ticket whose time to answer is over already."""
    ticketed = {
        one.incident_id
        for one in intents
        if one.message.action == "open_ticket" and not (one.suppressed or one.joined or one.awaiting)
    }
    return sum(one.id in ticketed and planned.response_ends(one, now=now) < now for one in chosen)


def _hidden(by: Suppression | None) -> str:
    return by.explain() if by is not None else ""


def channels_of(batch: BatchRow) -> dict[str, str]:
    """Channel → the message it gets. Those with a switch of their own always, others if they are set up."""
    return SWITCHED | {channel: KINDS[channel].tells for channel in other_channels()}


def other_channels() -> list[str]:
    """The kinds without a switch of their own that an eligible incident is sent to as things are configured now."""
    others = [name for name, kind in KINDS.items() if kind.tells and name not in SWITCHED]
    return [name for name in others if _takes_incidents(standing_of(name))]


#: The same for a page, which asks at every run.
kept_other_channels = while_unchanged(other_channels)


def _takes_incidents(standing: Standing) -> bool:
    return standing.enabled and (standing.config is None or standing.config.takes_incidents)


def _zone_of(channel: str) -> str:
    """In which zone its days are counted; "": in the policy's."""
    config = load_usable(channel)
    return config.zone_of_days if config is not None else ""


def _channel_state(batch: BatchRow, channel: str) -> tuple[str, bool]:
    """Why nothing may be sent there ("" when it may), and whether it is practice."""
    standing = standing_of(channel)
    kind = KINDS[channel]
    switch = kind.switch
    on = getattr(batch, switch.column) if switch is not None else channel not in batch.muted
    if not on:
        return f"{kind.title} was switched off for this batch", False
    if standing.config is None and not standing.wrong:
        return not_configured(kind), False
    if not standing.enabled:
        return switched_off(kind), standing.practice
    return "", standing.practice


def tells_anybody(batch: BatchRow) -> bool:
    """Whether any channel takes messages of this batch as things are configured now."""
    return any(not _channel_state(batch, channel)[0] for channel in channels_of(batch))


def not_configured(kind: Kind) -> str:
    """Why nothing is sent to a kind that nobody set up."""
    return f"{kind.title} is not configured"


def switched_off(kind: Kind) -> str:
    """Why nothing is sent to a kind that is set up and switched off."""
    return f"{kind.title} is disabled in its configuration"


def _summary(
    batch: BatchRow, chosen: Sequence[Incident], channel: str, *, practice: bool, intake: int, waiting: int
) -> Intent:
    worst = sorted(chosen, key=lambda one: (-one.score, -one.count))[:5]
    message = SendSummary(
        batch_id=batch.id,
        name=batch.name,
        lines=batch.lines_in,
        parsed=batch.parsed,
        rejected=batch.rejected,
        incidents=batch.incidents,
        eligible=batch.eligible,
        by_severity=batch.by_severity,
        top=tuple(incident.title for incident in worst),
        intake=intake,
        awaiting=waiting,
        url=batch_url(batch.id),
    )
    return Intent(
        key=key_of(channel, message),
        integration=channel,
        message=message,
        actor=_RUN,
        batch_id=batch.id,
        practice=practice,
    )
