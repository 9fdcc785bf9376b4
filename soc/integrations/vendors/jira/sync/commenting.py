"""Notes as comments: written once, known again by their mark, worded anew where nobody has changed them there."""

from __future__ import annotations

from typing import Any

from soc.clock import isoformat
from soc.domain.message import CommentTicket, Receipt, RewordComment, TicketMessage
from soc.errors import PermanentDeliveryError, TicketConflict
from soc.integrations.kit.http import VendorSession
from soc.integrations.kit.tickets import RemoteComment, TicketState
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.fields.document import Paragraph, adf, escaped
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.sync.origin import comment_properties
from soc.integrations.vendors.jira.sync.prose import text_of
from soc.integrations.vendors.jira.sync.reading import IssueReader

_LONGEST_COMMENT = 32_000


class CommentWriter:
    """Raises DeliveryError; TicketConflict where a person has to decide."""

    def __init__(
        self, session: VendorSession, project: ProjectReader, config: JiraConfig, reader: IssueReader
    ) -> None:
        self._session = session
        self._project = project
        self._config = config
        self._reader = reader

    def deliver(self, message: CommentTicket | RewordComment, delivery_id: str) -> Receipt:
        path = f"/issue/{message.ticket.remote_id}/comment"
        if isinstance(message, CommentTicket):
            return self._write("POST", path, message, delivery_id)
        found = self._find(message)
        if found is None:
            raise TicketConflict(
                "The comment was deleted there.",
                field="comment",
                hint="The note stays here, as it is worded now.",
            )
        if found.origin == delivery_id:
            return _reworded(message, found)
        if not _is_ours_still(message, found):
            raise _changed_there(found)
        return self._write("PUT", f"{path}/{found.id}", message, delivery_id)

    def reconcile(self, message: CommentTicket | RewordComment, delivery_id: str) -> Receipt | None:
        """By its mark."""
        comments = self._reader.comments(message.ticket.remote_id)
        found = next((one for one in comments if one.origin == delivery_id), None)
        if found is None:
            return None
        if isinstance(message, CommentTicket):
            return plain(message, comment=found.id)
        return _reworded(message, found)

    def _find(self, message: RewordComment) -> RemoteComment | None:
        """By its id, or by the delivery that wrote it."""
        for one in self._reader.comments(message.ticket.remote_id):
            if one.id == message.comment or (not message.comment and one.origin == message.told_by):
                return one
        return None

    def _write(
        self, method: str, path: str, message: CommentTicket | RewordComment, delivery_id: str
    ) -> Receipt:
        desk = self._project.is_service_desk()
        text = message.text[:_LONGEST_COMMENT]
        lines = [*([f"{message.said_by}:"] if message.said_by else []), *text.splitlines()]
        words: Any = adf([Paragraph(line) for line in lines])
        if not self._config.cloud:
            words = "\n".join(escaped(line) for line in lines)
        said = text_of(words)[0]
        body: dict[str, Any] = {
            "body": words,
            "properties": comment_properties(delivery_id, said, internal=message.internal, desk=desk),
        }
        if message.internal:
            body |= shown_to(self._config, desk=desk)
        refused: PermanentDeliveryError | None = None
        data: Any = None
        try:
            data = self._session.write(method, path, body=body).data
        except PermanentDeliveryError as error:
            refused = error
        if refused is not None:
            raise spoken(refused, "comment", None)
        answer = data if isinstance(data, dict) else {}
        updated = str(answer.get("updated") or "") if isinstance(message, RewordComment) else ""
        words_now = said if isinstance(message, RewordComment) else ""
        return plain(message, comment=str(answer.get("id") or ""), updated=updated, said=words_now)


def shown_to(config: JiraConfig, *, desk: bool) -> dict[str, Any]:
    """Who may read an internal comment: at a service desk its property says so, elsewhere the role of the settings."""
    role = config.comment_role
    return {"visibility": {"type": "role", "value": role}} if role and not desk else {}


def _is_ours_still(message: RewordComment, found: RemoteComment) -> bool:
    """Nobody changed it there, or only to what was seen here before it was worded anew; nothing of it is lost."""
    seen = bool(message.before) and found.text == message.before
    return (found.own_words or seen) and not found.not_synced


def _changed_there(found: RemoteComment) -> TicketConflict:
    """Neither wording is written over."""
    return TicketConflict(
        "The comment was changed there, too.",
        field="comment",
        theirs=found.text,
        who=found.author,
        when=isoformat(found.updated_at) if found.updated_at is not None else "",
        hint="Decide which wording holds: on the ticket's page, or with `soc conflict resolve`.",
    )


def _reworded(message: RewordComment, found: RemoteComment) -> Receipt:
    updated = isoformat(found.updated_at) if found.updated_at is not None else ""
    return plain(message, comment=found.id, updated=updated, said=found.text)


def spoken(error: PermanentDeliveryError, field: str, state: TicketState | None) -> PermanentDeliveryError:
    """A refusal of the change itself is for a person to decide; of the account, the address and the like, it is not."""
    if error.status not in (400, 404, 409, 422) or error.reason.value != "client":
        return error
    theirs = state.fields.get(field) if state is not None else None
    return TicketConflict(
        error.message, field=field, theirs=theirs, hint=error.hint, status=error.status, detail=error.detail
    )


def plain(message: TicketMessage, **extra: str) -> Receipt:
    ticket = message.ticket
    told = {name: value for name, value in extra.items() if value}
    return Receipt(remote_id=ticket.remote_id, key=ticket.key, url=ticket.url, extra=told)
