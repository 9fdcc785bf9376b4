"""Jira, Cloud and Data Center: opens an incident's ticket once, finds it again, reads tickets back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

import httpx
import structlog

from soc import clock
from soc.domain.message import CallAction, Escalation, Message, OpenTicket, Receipt, TicketMessage
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.kit.bodies import read_call, unknown_message
from soc.integrations.kit.http import shared_client
from soc.integrations.kit.tickets import Absence, TicketConnector, TicketState, Touched
from soc.integrations.vendors.jira.again.changes import changes_of, said_of
from soc.integrations.vendors.jira.again.many import MOST_AT_ONCE, open_many
from soc.integrations.vendors.jira.again.twins import (
    TwinCloser,
    closed_quietly,
    is_due,
    link_quietly,
    looked,
    noted,
    watched,
)
from soc.integrations.vendors.jira.bodies import CreateTicket, requested_draft
from soc.integrations.vendors.jira.check import check_connection, wrong_types
from soc.integrations.vendors.jira.config import JiraConfig
from soc.integrations.vendors.jira.filling import Create, create_request, spoken_refusal
from soc.integrations.vendors.jira.looking.fetching import fetch_by_keys, quoted
from soc.integrations.vendors.jira.looking.keys import find_by_keys, known_keys, number_of
from soc.integrations.vendors.jira.looking.searching import Searching
from soc.integrations.vendors.jira.project import ProjectReader
from soc.integrations.vendors.jira.remote import FIELDS, RemoteTicket, remote_ticket, web_address
from soc.integrations.vendors.jira.sync.ending import keep_end_quietly
from soc.integrations.vendors.jira.sync.escalating import Escalator
from soc.integrations.vendors.jira.sync.polling import MOST_TOUCHED, touched_of, touched_query
from soc.integrations.vendors.jira.sync.writing import TicketWriter
from soc.integrations.vendors.jira.ticket import Draft, draft_of_message, incident_label
from soc.integrations.vendors.jira.vendor import find_account, session_of

_PAGE = 50
log = structlog.get_logger(__name__)


class _Found(NamedTuple):
    """The ticket that is there already, as a receipt and as Jira has it."""

    receipt: Receipt
    ticket: RemoteTicket | None


class JiraConnector(TicketConnector):
    """See `Connector`. Cloud's search lags behind what was created, hence two look-ups, each after a settle time.

    What the search does not show is asked for by its key, which does not lag.
    """

    kind: ClassVar[str] = "jira"
    reconcile_rounds: ClassVar[int] = 2
    together: ClassVar[Mapping[str, int]] = {"open_ticket": MOST_AT_ONCE}

    def __init__(self, config: JiraConfig, *, http: httpx.Client | None = None) -> None:
        self.config: JiraConfig = config
        self._session = session_of(config, http or shared_client())
        self._project = ProjectReader(self._session, config)
        self._twins = TwinCloser(self._session, cloud=config.cloud)
        self._escalator = Escalator(self._session, self._project, config)
        self._library = Searching(self._session, config)
        self._keys = known_keys(config.base_url, config.project_key)
        self._writer = TicketWriter(self._session, self._project, config)

    @property
    def settle(self) -> timedelta:
        return self.config.settle

    @property
    def may_probe(self) -> bool:
        """Not with a password: failed logins lock accounts at a Data Center."""
        return self.config.cloud or not self.config.username

    def check(self) -> ConnectionReport:
        self._project.forget()
        return check_connection(self._session, self._project, self.config)

    def untaken(self) -> Mapping[str, str]:
        """Issue types that somebody chose and the project lacks, or that are an Epic's or a sub-task's."""
        return wrong_types(self._project, self.config)

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        """Open the ticket. `extra["left_out"]` of the receipt says what the project could not take.

        A ticket that is asked for from outside is looked for first: whatever the caller repeats, an incident has one.
        """
        if isinstance(message, Escalation):
            return self._escalator.deliver(message, delivery_id=delivery_id, practice=self.practice)
        if isinstance(message, TicketMessage):
            return self._writer.deliver(message, delivery_id=delivery_id)
        draft = self._draft(message)
        if isinstance(message, CallAction) and (found := self._found(draft)):
            return self._brought_up_to_date(draft, found)
        data, create = self._create(draft, delivery_id)
        receipt = self._opened(create, data)
        self._put_beside(draft, receipt)
        return receipt

    def deliver_together(self, messages: Mapping[str, Message]) -> Mapping[str, Receipt | DeliveryError]:
        drafts = {one: self._draft(message) for one, message in messages.items()}
        for one in drafts:
            self._keys.sending(one)
        return open_many(
            self._session, drafts,
            request=lambda one: create_request(self._project, self.config, drafts[one], one),
            finish=self._opened,
            beside=lambda one, receipt: self._put_beside(drafts[one], receipt),
            alone=lambda one: self.deliver(messages[one], delivery_id=one),
        )  # fmt: skip

    def _opened(self, create: Create, data: Any) -> Receipt:
        """The ticket is there. Raises UnknownOutcome where the answer does not say which it is."""
        receipt = self._receipt(data)
        if receipt is None:
            raise UnknownOutcome(
                "Jira accepted the ticket, but its answer names none.", reason=FailureReason.BAD_RESPONSE
            )
        extra = {"left_out": ", ".join(create.left_out)} if create.left_out else {}
        return receipt.model_copy(update={"extra": extra})

    def _put_beside(self, draft: Draft, receipt: Receipt) -> bool:
        """What a new ticket gets beside its fields; False where Jira did not take it, which loses nothing."""
        fine = True
        if draft.relates:
            fine = link_quietly(self._session, receipt.key, draft.relates)
        if draft.ends and not self.config.cloud:  # Cloud took it with the ticket
            fine &= keep_end_quietly(self._session, receipt.remote_id, ends=draft.ends, due=draft.due)
        return fine

    def _create(self, draft: Draft, delivery_id: str) -> tuple[Any, Create]:
        """Jira's answer, and what was sent. Raises DeliveryError.

        A refusal may be about a screen that has changed since it was read: then what the new one takes is sent, once.
        """
        create = create_request(self._project, self.config, draft, delivery_id)
        refused: PermanentDeliveryError | None = None
        self._keys.sending(delivery_id)
        for _ in range(2):
            try:
                return self._session.write("POST", "/issue", body=create.body).data, create
            except PermanentDeliveryError as error:
                refused = error
            self._project.forget()
            if refused.status != 400:  # anything else is about no field
                break
            anew = create_request(self._project, self.config, draft, delivery_id)
            if anew.body == create.body:
                break
            create = anew
        assert refused is not None
        raise spoken_refusal(refused, create.screen, create.body["fields"])

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """The incident's ticket, the oldest if there are several (`extra["duplicates"]` names the others).

        None also where it is there and a change that was asked for is not.
        """
        if isinstance(message, Escalation):
            return self._escalator.find(message, since=since)
        if isinstance(message, TicketMessage):
            return self._writer.reconcile(message, delivery_id=delivery_id)
        draft = self._draft(message)
        found = self._found(draft) or self._found_by_key(draft, delivery_id)
        if found is None:
            return None
        changed = isinstance(message, CallAction) and self._changes(draft, found)[0]
        return None if changed else found.receipt

    def doubtful(self, receipt: Receipt, *, sent: datetime) -> Receipt:
        """Its search may have lagged: the ticket is looked for again, later and later."""
        return watched(receipt, settle=self.settle, sent=sent)

    def follow_up(self, receipt: Receipt, message: Message) -> Receipt:
        """One more look for twins, when it is time: the first ticket stays, the others are closed as its duplicates."""
        if not is_due(receipt, now=clock.now()):
            return receipt
        draft = self._draft(message)
        rows = self._search(self._jql_of(draft), ("summary",), most=_PAGE)
        found = [one for row in rows if (one := self._receipt(row)) is not None]
        ours = receipt.model_copy(update={"extra": {}, "open": False})
        every = {one.key: one for one in (*found, ours)}.values()
        first, *twins = sorted(every, key=lambda one: (len(one.remote_id), one.remote_id))
        kept = first.model_copy(update={"extra": receipt.extra, "open": receipt.open})
        label, done = incident_label(draft.incident_id), list[str]()
        for twin in twins:
            closed = closed_quietly(self._twins, twin.key, kept=kept.key, label=label)
            if closed is None:
                return receipt  # nothing is settled yet: the next tick looks again
            done.append(f"{twin.key} ({'closed' if closed else 'still open: close it by hand'})")
        return looked(noted(kept, done) if done else kept, settle=self.settle)

    def _changes(self, draft: Draft, found: _Found) -> tuple[dict[str, Any], str]:
        if draft.unsaid or found.ticket is None:
            return {}, ""
        screen = self._project.screen(self._project.choose(security=draft.security))
        return changes_of(
            found.ticket, draft, self.config, screen=screen.fields, priorities=screen.names("priority")
        )

    def _brought_up_to_date(self, draft: Draft, found: _Found) -> Receipt:
        fields, words = self._changes(draft, found)
        if fields:
            path = f"/issue/{found.receipt.remote_id}"
            self._session.write("PUT", path, body={"fields": fields}, empty_ok=True)
            if draft.ends:
                keep_end_quietly(self._session, found.receipt.remote_id, ends=draft.ends, due=draft.due)
        said = said_of(found.ticket, words) if found.ticket is not None else {"existing": "yes"}
        return found.receipt.model_copy(update={"extra": {**found.receipt.extra, **said}})

    def _found(self, draft: Draft) -> _Found | None:
        found = self._search(self._jql_of(draft), FIELDS, most=_PAGE)
        issues = sorted(
            (i for i in found if self._receipt(i)), key=lambda i: (len(str(i["id"])), str(i["id"]))
        )
        if not issues:
            return None
        receipt = self._receipt(issues[0])
        assert receipt is not None
        others = ", ".join(str(issue["key"]) for issue in issues[1:])
        return _Found(
            receipt.model_copy(update={"extra": {"duplicates": others}}) if others else receipt,
            remote_ticket(issues[0], base_url=self._project.web_url()),
        )

    def _found_by_key(self, draft: Draft, delivery_id: str) -> _Found | None:
        """A ticket that the search does not show yet, among the keys after the last known one."""
        issue = find_by_keys(
            self._session,
            self._keys,
            self.config.project_key,
            label=incident_label(draft.incident_id),
            delivery_id=delivery_id,
            newest=self._newest_number,
            fields=FIELDS,
        )
        receipt = self._receipt(issue)
        if issue is None or receipt is None:
            return None
        log.info("jira_ticket_found_by_key", ticket=receipt.key, delivery=delivery_id)
        return _Found(receipt, remote_ticket(issue, base_url=self._project.web_url()))

    def _newest_number(self) -> int:
        """Of the project's newest ticket, as far as the search shows it."""
        rows = self._search(
            f'project = "{self.config.project_key}" ORDER BY created DESC', ("summary",), most=1
        )
        return max((number_of(row.get("key"), self.config.project_key) for row in rows), default=0)

    def _draft(self, message: Message) -> Draft:
        if isinstance(message, OpenTicket):
            return draft_of_message(message, practice=self.config.practice)
        if isinstance(message, CallAction) and message.name == "create-ticket":
            return requested_draft(
                read_call(CreateTicket, message),
                practice=self.config.practice,
                url=message.url,
                follows=message.follows,
                due=message.due,
                ends=message.ends,
            )
        raise unknown_message("Jira", message.name if isinstance(message, CallAction) else message.action)

    def _jql_of(self, draft: Draft) -> str:
        if self._project.screen(self._project.choose(security=draft.security)).has("labels"):
            mark = f'labels = "{incident_label(draft.incident_id)}"'
        else:  # without labels on the create screen, the id in the description is what is left
            mark = f'description ~ "\\"{quoted(draft.incident_id)}\\""'
        return f'project = "{self.config.project_key}" AND {mark} ORDER BY created ASC'

    def find_account(self, email: str) -> str:
        return find_account(self._session, email, cloud=self.config.cloud)

    def fetch_tickets(self, keys: Iterable[str]) -> list[RemoteTicket]:
        return fetch_by_keys(keys, lambda jql, most: self._tickets(jql, most=most))

    def list_touched(self, *, minutes: int) -> list[Touched]:
        rows = self._search(touched_query(self.config, minutes), ("updated",), most=MOST_TOUCHED)
        return [touched_of(row) for row in rows]

    def read_state(self, remote_id: str, *, key: str = "") -> TicketState | Absence:
        return self._writer.reader.read(remote_id, key=key)

    def search_open(self, *, most: int = 1000) -> list[RemoteTicket]:
        """Our tickets in the project that are not done, newest first."""
        return self._tickets(
            f'project = "{self.config.project_key}" AND labels = "soc-automated" AND statusCategory != Done '
            "ORDER BY created DESC",
            most=most,
        )

    def _tickets(self, jql: str, *, most: int) -> list[RemoteTicket]:
        issues = self._search(jql, FIELDS, most=most)
        return [t for issue in issues if (t := remote_ticket(issue, base_url=self._project.web_url()))]

    def _search(self, jql: str, fields: Sequence[str], *, most: int) -> list[dict[str, Any]]:
        return self._library.search(jql, fields, most=most)

    def _receipt(self, issue: Any) -> Receipt | None:
        if not isinstance(issue, dict):
            return None
        number, key = issue.get("id"), issue.get("key")
        if not isinstance(key, str) or not key or not isinstance(number, (str, int)):
            return None
        self._keys.note(number_of(key, self.config.project_key))
        return Receipt(remote_id=str(number), key=key, url=web_address(self._project.web_url(), key))
