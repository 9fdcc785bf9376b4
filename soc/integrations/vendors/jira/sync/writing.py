"""Changes of tickets that exist: each is written once, over nobody's change, and known again by its own entry."""

from __future__ import annotations

from typing import Any

from soc.domain.message import (
    ChangeTicket,
    CommentTicket,
    FieldChange,
    MoveTicket,
    Receipt,
    RewordComment,
    TicketMessage,
)
from soc.errors import DeliveryError, PermanentDeliveryError, TicketConflict
from soc.integrations.kit.bodies import unknown_message
from soc.integrations.kit.http import VendorSession
from soc.integrations.kit.tickets import TicketState
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.sync.commenting import CommentWriter, plain, spoken
from soc.integrations.vendors.jira.sync.ending import keep_end
from soc.integrations.vendors.jira.sync.guard import foreign, is_set, own_entry, refuse_foreign
from soc.integrations.vendors.jira.sync.moving import choose_step, screen_fields, status_after
from soc.integrations.vendors.jira.sync.origin import history_mark
from soc.integrations.vendors.jira.sync.reading import IssueReader
from soc.integrations.vendors.jira.sync.values import edit_of
from soc.integrations.vendors.jira.sync.watching import NOT_ALLOWED, write_watchers

__all__ = ["TicketWriter"]


class TicketWriter:
    """Delivers the messages about tickets that exist, and finds out whether one was delivered."""

    def __init__(self, session: VendorSession, project: ProjectReader, config: JiraConfig) -> None:
        self._session = session
        self._project = project
        self._config = config
        self.reader = IssueReader(session, project, config)
        self._comments = CommentWriter(session, project, config, self.reader)

    def deliver(self, message: TicketMessage, *, delivery_id: str) -> Receipt:
        """Raises DeliveryError; TicketConflict where a person has to decide."""
        if isinstance(message, (CommentTicket, RewordComment)):
            return self._comments.deliver(message, delivery_id)
        state = self._state(message)
        if any(one.origin == delivery_id for one in state.changes):
            return _receipt(message, state, delivery_id)
        if isinstance(message, MoveTicket):
            return self._move(message, state, delivery_id)
        if isinstance(message, ChangeTicket):
            return self._edit(message, state, delivery_id)
        raise unknown_message("Jira", message.action)

    def reconcile(self, message: TicketMessage, *, delivery_id: str) -> Receipt | None:
        """What there is of it: by its mark in the history or at the comment, else by the values."""
        if isinstance(message, (CommentTicket, RewordComment)):
            return self._comments.reconcile(message, delivery_id)
        state = self._read(message)
        if any(one.origin == delivery_id for one in state.changes):
            return _receipt(message, state, delivery_id)
        if isinstance(message, ChangeTicket):
            done = all(is_set(state, name, change) for name, change in message.fields.items())
        else:
            done = isinstance(message, MoveTicket) and _was_moved(message, state)
        return _receipt(message, state, delivery_id) if done else None

    def _state(self, message: TicketMessage) -> TicketState:
        missing: PermanentDeliveryError | None = None
        try:
            return self._read(message)
        except PermanentDeliveryError as error:
            missing = error
        raise spoken(missing, "ticket", None)

    def _read(self, message: TicketMessage) -> TicketState:
        watchers = isinstance(message, ChangeTicket) and "watchers" in message.fields
        return self.reader.state_before(message.ticket.remote_id, watchers=watchers)

    def _edit(self, message: ChangeTicket, state: TicketState, delivery_id: str) -> Receipt:
        wanted = {
            name: one
            for name, one in message.fields.items()
            if not is_set(state, name, one) or (name == "watchers" and name not in state.fields)
        }
        clash: TicketConflict | None = None
        for name, change in list(wanted.items()):
            try:
                refuse_foreign(state, name, change)
            except TicketConflict as error:
                clash = clash or error
                del wanted[name]
        if (watchers := wanted.pop("watchers", None)) is not None:
            self._write_watchers(message, watchers, state)
        after = state
        if message.ends and "due" in message.fields and clash is None:
            due = str(message.fields["due"].after)
            keep_end(self._session, message.ticket.remote_id, ends=message.ends, due=due)
        if wanted:
            after = self._write_fields(message, wanted, state, delivery_id)
        if clash is not None:
            raise clash
        return _receipt(message, after, delivery_id, before=state, fields=set(message.fields))

    def _write_watchers(self, message: ChangeTicket, change: FieldChange, state: TicketState) -> None:
        if "watchers" not in state.fields:
            raise TicketConflict(
                "Jira does not show this account who watches.", field="watchers", hint=NOT_ALLOWED
            )
        refused: PermanentDeliveryError | None = None
        try:
            write_watchers(self._session, message.ticket.remote_id, change, cloud=self._config.cloud)
        except PermanentDeliveryError as error:
            refused = error
        if refused is not None:
            raise spoken(refused, "watchers", state)

    def _write_fields(
        self, message: ChangeTicket, wanted: dict[str, FieldChange], state: TicketState, delivery_id: str
    ) -> TicketState:
        body = {
            **edit_of(wanted, self._config),
            "historyMetadata": history_mark(delivery_id, message.said_by),
        }
        refused: PermanentDeliveryError | None = None
        try:
            self._session.write("PUT", f"/issue/{message.ticket.remote_id}", body=body, empty_ok=True)
        except PermanentDeliveryError as error:
            refused = error
        if refused is not None:
            raise spoken(refused, next(iter(wanted)), state)
        after = self._look_again(message, state)
        _refuse_overwritten(after, wanted, delivery_id)
        return after

    def _move(self, message: MoveTicket, state: TicketState, delivery_id: str) -> Receipt:
        if _is_there(message, state):
            return _receipt(message, state, delivery_id)
        before = message.before or None
        refuse_foreign(state, "status", FieldChange(before=before, after=message.status, seen=message.seen))
        path = f"/issue/{message.ticket.remote_id}/transitions"
        data = self._session.read("GET", path, params={"expand": "transitions.fields"}).data
        rows = data.get("transitions") if isinstance(data, dict) else None
        steps = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        named = any(status_after(one).casefold() == message.status.casefold() for one in steps)
        if not named and state.ticket.status_category == message.category:
            return _receipt(message, state, delivery_id)  # it is where it shall be, by another name
        step = choose_step(steps, message, state)
        fields = screen_fields(step, message, state)
        body: dict[str, Any] = {
            "transition": {"id": str(step.get("id"))},
            **({"fields": fields} if fields else {}),
            "historyMetadata": history_mark(delivery_id, message.said_by),
        }
        refused: PermanentDeliveryError | None = None
        try:
            self._session.write("POST", path, body=body, empty_ok=True)
        except PermanentDeliveryError as error:
            refused = error
        if refused is not None:
            raise spoken(refused, "status", state)
        after = self._look_again(message, state)
        return _receipt(message, after, delivery_id, before=state, fields={"status", "resolution"})

    def _look_again(self, message: TicketMessage, state: TicketState) -> TicketState:
        """After a write: what it made. Where that cannot be read now, the next poll knows it by its mark."""
        try:
            return self.reader.state_before(message.ticket.remote_id)
        except DeliveryError:
            return state


def _is_there(message: MoveTicket, state: TicketState) -> bool:
    if message.status and state.ticket.status.casefold() == message.status.casefold():
        return True
    return state.ticket.status_category == message.category and not message.status


def _was_moved(message: MoveTicket, state: TicketState) -> bool:
    """For a Jira that keeps no marks: it is there by its name, or left where it was for one of that category."""
    alike = state.ticket.status_category == message.category and state.ticket.status != message.before
    return _is_there(message, state) or alike


def _refuse_overwritten(state: TicketState, wanted: dict[str, FieldChange], delivery_id: str) -> None:
    """Between the look and the write somebody was quicker: the history shows what was overwritten. Raises TicketConflict."""
    for name, change in wanted.items():
        entries = [one for one in state.changes if name in one.items]
        mine = next((number for number, one in enumerate(entries) if one.origin == delivery_id), 0)
        if mine and not isinstance(change.after, tuple):
            before = entries[mine - 1]
            unseen = len(before.id) > len(change.seen) or before.id > change.seen
            if not before.origin and unseen and before.items[name][1] not in ("", change.before):
                raise foreign(name, before.items[name][1], before)


def _receipt(
    message: TicketMessage,
    state: TicketState,
    delivery_id: str,
    *,
    before: TicketState | None = None,
    fields: set[str] | None = None,
) -> Receipt:
    """With the id of the entry that it made, and the status that the ticket has now."""
    entry = own_entry(state, before or state, delivery_id, fields or set())
    return plain(message, entry=entry, status=state.ticket.status, category=state.ticket.status_category)
