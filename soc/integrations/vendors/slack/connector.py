"""Slack: alerts, their update with the ticket's link, and batch summaries, through a bot token."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx

from soc import clock
from soc.domain.message import Message, Receipt, TellPerson, TellThread, UpdateAlert
from soc.errors import FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import ConnectionReport
from soc.integrations.kit.http import shared_client
from soc.integrations.kit.inbound.interactive import Form, InteractiveConnector
from soc.integrations.vendors.slack.blocks import escape, section
from soc.integrations.vendors.slack.channels import ChannelFinder, of_its_own
from soc.integrations.vendors.slack.checking import check_connection
from soc.integrations.vendors.slack.config import SlackConfig
from soc.integrations.vendors.slack.interactive.forms import view_of
from soc.integrations.vendors.slack.reading import email_of_member, payload_of, read_pages, replies
from soc.integrations.vendors.slack.saying import say
from soc.integrations.vendors.slack.vendor import SlackSession, code_of

log = logging.getLogger(__name__)

EVENT_TYPE = "soc_incident"
#: Slack lets this message be changed no more, by a rule of the workspace or for good.
UNCHANGEABLE = ("edit_window_closed", "cant_update_message")
#: Slack's clock and ours may differ, and ours may have been set right since; the message's id decides, the time only
#: bounds the search.
CLOCK_SKEW = timedelta(minutes=65)


class SlackConnector(InteractiveConnector):
    """See `Connector`. Each posted message carries its delivery's id in its metadata; reconciling looks for it."""

    kind: ClassVar[str] = "slack"

    def __init__(self, config: SlackConfig, *, http: httpx.Client | None = None) -> None:
        self.config: SlackConfig = config
        self._session = SlackSession(config, http or shared_client())
        self._channels = ChannelFinder(self._session, config)
        #: Whether the last look-up could read what it looked through.
        self._saw = True

    @property
    def settle(self) -> timedelta:
        return self.config.settle

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        about, text, blocks = say(message, self.config)
        if isinstance(message, UpdateAlert):
            body = {"channel": message.channel, "ts": message.ts, "text": text, "blocks": blocks}
            return self._update(body, message, delivery_id)
        if isinstance(message, TellPerson):
            return self._tell(message, text, blocks)
        below = (message.channel, message.ts) if isinstance(message, TellThread) else ()
        return self._post(below, about, text, blocks, delivery_id)

    def _post(
        self, below: tuple[str, ...], about: str, text: str, blocks: list[dict[str, Any]], delivery_id: str
    ) -> Receipt:
        """To the channel, or `below` a message (its channel and ts)."""
        channel = below[0] if below else self._channels.target()
        body: dict[str, Any] = {
            "channel": channel,
            "text": text,
            "blocks": blocks,
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"id": delivery_id, "incident": about}},
            "unfurl_links": False,  # addresses in log lines are not to be visited by Slack
            "unfurl_media": False,
        }
        if below:
            body["thread_ts"] = below[1]
        try:
            data = self._session.write("chat.postMessage", body).data
        except PermanentDeliveryError as error:
            if below:
                raise of_its_own(error, below[0], self._channels) from None
            self._channels.forget()  # the channel may have been renamed or replaced
            raise
        return self._receipt(data, channel)

    def _tell(self, message: TellPerson, text: str, blocks: list[dict[str, Any]]) -> Receipt:
        """Where only this person reads it."""
        body: dict[str, Any] = {
            "channel": message.place.get("channel") or self._channels.target(),
            "user": message.who,
            "text": text,
            "blocks": blocks,
        }
        if thread := message.place.get("thread"):
            body["thread_ts"] = thread
        try:
            data = self._session.write("chat.postEphemeral", body).data
        except PermanentDeliveryError as error:
            raise of_its_own(error, str(body["channel"]), self._channels) from None
        return Receipt(
            remote_id=str(data.get("message_ts") or message.interaction_id), key=str(body["channel"])
        )

    def _update(self, body: dict[str, Any], message: UpdateAlert, delivery_id: str) -> Receipt:
        """Change a message where it stands; one that Slack lets nobody change any more is answered below, with its link."""
        failure: PermanentDeliveryError | None = None
        try:
            return self._receipt(self._session.write("chat.update", body).data, message.channel)
        except PermanentDeliveryError as error:
            failure = error
        if code_of(failure) in UNCHANGEABLE:
            blocks = [*body["blocks"][:1], section(self._link_to(message)), *body["blocks"][1:]]
            return self._post(
                (message.channel, message.ts), message.incident.id, body["text"], blocks, delivery_id
            )
        raise of_its_own(failure, message.channel, self._channels)

    def _link_to(self, message: UpdateAlert) -> str:
        data = self._session.read("chat.getPermalink", channel=message.channel, message_ts=message.ts).data
        return f"Slack lets this <{escape(str(data.get('permalink') or ''), 2000)}|alert> be changed no more; it stands so now:"

    @staticmethod
    def _receipt(data: Any, channel: str) -> Receipt:
        ts = data.get("ts")
        if not isinstance(ts, str) or not ts:
            raise UnknownOutcome(
                "Slack accepted the message, but its answer names none.", reason=FailureReason.BAD_RESPONSE
            )
        return Receipt(remote_id=ts, key=str(data.get("channel") or channel))

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """Look for the delivery's id in the channel since the attempt.

        An update is not looked for: to make it again changes nothing; nor is what one person alone was told, which
        nobody can look for. Without the history scope nothing can be seen; then the message is sent again, since a
        second alert is better than none (the connection test warns).
        """
        self._saw = True
        if isinstance(message, UpdateAlert | TellPerson):
            return None
        if isinstance(message, TellThread):
            return self._below(message, delivery_id)
        channel = self._channels.target()
        if channel.startswith("#"):  # the bot may not list channels, and history is by id only
            self._blind(delivery_id)
            return None
        try:
            oldest = f"{self._oldest(since).timestamp():.6f}"
            for row in read_pages(self._session, "conversations.history", channel=channel, oldest=oldest):
                if payload_of(row).get("id") == delivery_id and row.get("ts"):
                    return Receipt(remote_id=str(row["ts"]), key=channel)
        except PermanentDeliveryError as error:
            if code_of(error) not in ("missing_scope", "not_in_channel"):
                raise
            self._blind(delivery_id)
        return None

    def _below(self, message: TellThread, delivery_id: str) -> Receipt | None:
        try:
            for row in replies(self._session, message.channel, message.ts):
                if payload_of(row).get("id") == delivery_id and row.get("ts"):
                    return Receipt(remote_id=str(row["ts"]), key=message.channel)
        except PermanentDeliveryError as error:
            if code_of(error) not in ("missing_scope", "not_in_channel", "thread_not_found"):
                raise
            self._blind(delivery_id)
        return None

    def _oldest(self, since: datetime) -> datetime:
        """A moment of Slack's clock before which the message cannot be, whatever our clock said when it was sent."""
        if self._session.clock_offset is None:
            self._session.read("auth.test")
        offset = self._session.clock_offset or timedelta(0)
        return min(since, since + offset, clock.now() + offset) - CLOCK_SKEW

    def shows(self, message: Message) -> bool:
        return self._saw

    def _blind(self, delivery_id: str) -> None:
        self._saw = False
        log.warning(
            "Slack's history is not readable (scope channels:history, bot in the channel): "
            "delivery %s may appear twice",
            delivery_id,
        )

    def find_account(self, email: str) -> str:
        """By `users.lookupByEmail` (scope users:read.email)."""
        try:
            data = self._session.read("users.lookupByEmail", email=email).data
        except PermanentDeliveryError as error:
            if code_of(error) == "users_not_found":
                return ""
            raise
        user = data.get("user")
        return str(user.get("id") or "") if isinstance(user, dict) and not user.get("deleted") else ""

    def check(self) -> ConnectionReport:
        return check_connection(self._session, self._channels, self.config)

    @property
    def answers_back(self) -> bool:
        return self.config.answers_back

    def open_form(self, form: Form) -> None:
        view = view_of(form, practice=self.config.practice)
        self._session.write("views.open", {"trigger_id": form.opens, "view": view})

    def email_of(self, who: str) -> str:
        """Only of members of the bot's own workspace: who is a guest from another one may call himself anything."""
        try:
            user = self._session.read("users.info", user=who).data.get("user")
            team = self._session.read("auth.test").data.get("team_id")
        except PermanentDeliveryError as error:
            if code_of(error) not in ("missing_scope", "user_not_found", "user_not_visible"):
                raise
            return ""
        return email_of_member(user, str(team or ""))

    def incident_of_thread(self, place: Mapping[str, str]) -> str:
        try:
            rows = replies(self._session, place.get("channel", ""), place.get("thread", ""), most=1)
            first = next(iter(rows), {})
        except PermanentDeliveryError as error:
            if code_of(error) not in (
                "missing_scope",
                "not_in_channel",
                "thread_not_found",
                "channel_not_found",
            ):
                raise
            return ""
        # another app's message may carry metadata as well
        ours = isinstance(first.get("metadata"), dict) and first["metadata"].get("event_type") == EVENT_TYPE
        return str(payload_of(first).get("incident") or "") if ours else ""
