"""StackStorm: runs an action for an incident, once, and follows it to its end."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import httpx
from pydantic import BaseModel

from soc.domain.message import CallAction, Message, Receipt, SendAlert
from soc.errors import DeliveryError, FailureReason, PermanentDeliveryError, UnknownOutcome
from soc.integrations.kit.base import ConnectionReport, Connector
from soc.integrations.kit.bodies import read_call, unknown_message
from soc.integrations.kit.connection import UNCHECKED_WARNING
from soc.integrations.kit.http import shared_client
from soc.integrations.vendors.stackstorm.bodies import (
    ExecuteAction,
    ListActions,
    SendAlertAction,
    ShowExecution,
    fields_of_request,
)
from soc.integrations.vendors.stackstorm.catalogue import Catalogue, RemoteAction
from soc.integrations.vendors.stackstorm.config import StackStormConfig
from soc.integrations.vendors.stackstorm.execution import execution_of, follow, read_execution, receipt_of
from soc.integrations.vendors.stackstorm.parameters import (
    fields_of_incident,
    filled,
    problems_of,
    secret_texts,
)
from soc.integrations.vendors.stackstorm.vendor import (
    bad_answer,
    case_of,
    for_everybody,
    names_no_action,
    session_of,
)

#: However long the configured timeout, a called action is watched (seconds) for no longer than this.
LONGEST_WATCH = 3.0


class StackStormConnector(Connector):
    """See `Connector`. Each execution carries its delivery's id as trace tag; reconciling looks for that."""

    kind: ClassVar[str] = "stackstorm"

    def __init__(self, config: StackStormConfig, *, http: httpx.Client | None = None) -> None:
        self.config: StackStormConfig = config
        self._session = session_of(config, http or shared_client(verify=not config.ignore_ssl))
        self._catalogue = Catalogue(self._session)

    @property
    def settle(self) -> timedelta:
        return self.config.settle

    def deliver(self, message: Message, *, delivery_id: str) -> Receipt:
        """Request the run, then watch it for at most the timeout. A run that failed is delivered all the same:
        `extra["status"]` and `extra["output"]` of the receipt say how it ended.
        """
        started = time.monotonic()
        ref, given, fields = self._wanted(message)
        action = self._find(ref, message)
        parameters = self._parameters(action, given, fields)
        secrets = secret_texts(action.schema, parameters)
        session = self._session.knowing(secrets)
        body = {
            "action": ref,
            "parameters": parameters,
            "context": {"trace_context": {"trace_tag": delivery_id}},
        }
        data: Any = None
        refused: PermanentDeliveryError | None = None
        try:
            data = session.write("POST", "/executions", body=body).data
        except PermanentDeliveryError as error:
            self._catalogue.forget()  # the action may have changed since it was read
            refused = error
        if refused is not None:
            raise (
                for_everybody(refused)
                if isinstance(message, SendAlert) and names_no_action(refused)
                else refused
            )
        found = execution_of(data, self.config, secrets)
        if found is None:
            raise UnknownOutcome(
                "StackStorm accepted the run, but its answer names none.", reason=FailureReason.BAD_RESPONSE
            )
        # somebody waits for an action that was called; an incident's run is followed up later, by the engine
        watch = LONGEST_WATCH if isinstance(message, CallAction) else 0.0
        seconds = min(float(self.config.timeout), watch) - (time.monotonic() - started)
        return receipt_of(follow(session, found, self.config, seconds=seconds, secrets=secrets), ref)

    def _find(self, ref: str, message: Message) -> RemoteAction:
        """The action. Where the one for incidents is missing or disabled, no incident's run can be requested."""
        refused: PermanentDeliveryError | None = None
        try:
            return self._catalogue.find(ref)
        except PermanentDeliveryError as error:
            refused = error
        raise (
            for_everybody(refused) if isinstance(message, SendAlert) and names_no_action(refused) else refused
        )

    def _wanted(self, message: Message) -> tuple[str, Mapping[str, Any], dict[str, Any]]:
        """Which action, with what was given, and what else may fill its parameters."""
        if isinstance(message, SendAlert):
            if not self.config.provider:
                raise PermanentDeliveryError(
                    "No StackStorm action is chosen for incidents.",
                    reason=FailureReason.SETTINGS,
                    hint="Choose Pack and Action on the Integrations page, then replay the delivery.",
                )
            return (
                self.config.provider,
                self.config.parameters,
                fields_of_incident(message.incident, url=message.url),
            )
        if isinstance(message, CallAction) and message.name == "execute-action":
            run = read_call(ExecuteAction, message)
            return run.ref, run.action_parameters, fields_of_request(run, url=message.url)
        if isinstance(message, CallAction) and message.name == "send-alert":
            alert = read_call(SendAlertAction, message)
            return alert.ref, alert.action_parameters, fields_of_request(alert, url=message.url)
        raise unknown_message(
            "StackStorm", message.name if isinstance(message, CallAction) else message.action
        )

    def _secrets(self, message: Message) -> tuple[str, ...]:
        """What of the message's parameters must not be shown: all of them where the action cannot be asked."""
        given: Mapping[str, Any] = {}  # where no action is chosen any more
        try:
            ref, given, _ = self._wanted(message)
            return secret_texts(self._catalogue.find(ref).schema, given)
        except DeliveryError:
            return secret_texts({name: {"secret": True} for name in given}, given)

    def _parameters(
        self, action: RemoteAction, given: Mapping[str, Any], fields: dict[str, Any]
    ) -> dict[str, Any]:
        parameters = filled(action.schema, given, fields)
        unknown = any(name not in action.schema for name in parameters)
        runner = self._catalogue.runner_parameters(action) if unknown else None
        problems = problems_of(action.schema, parameters, runner)
        if problems:
            self._catalogue.forget()
            raise PermanentDeliveryError(
                f"The action {action.ref} does not take these parameters: "
                + "; ".join(f"{name} {text}" for name, text in sorted(problems.items()))
                + ".",
                reason=FailureReason.CLIENT,
                hint="Compare them with the action's own parameters (list of available actions), then send again.",
            )
        return parameters

    def reconcile(self, message: Message, *, delivery_id: str, since: datetime) -> Receipt | None:
        """The execution with this delivery's trace tag, the oldest if there are several."""
        data = self._session.read("GET", "/traces", params={"trace_tag": delivery_id, "limit": "20"}).data
        if not isinstance(data, list):
            raise bad_answer("traces", transient=True)
        runs: list[tuple[str, str]] = []
        for trace in data:
            if not isinstance(trace, dict) or trace.get("trace_tag") != delivery_id:
                continue
            rows = trace.get("action_executions")
            for row in rows if isinstance(rows, list) else []:
                if isinstance(row, dict) and isinstance(row.get("object_id"), str):
                    runs.append((str(trace.get("start_timestamp") or ""), row["object_id"]))
        if not runs:
            return None
        # A workflow's own steps share its trace; the oldest is the one that was requested.
        found = read_execution(self._session, min(runs)[1], self.config, self._secrets(message))
        if found is None:
            raise bad_answer("an execution", transient=True)
        return receipt_of(found, found.action)

    def follow_up(self, receipt: Receipt, message: Message) -> Receipt:
        """The run's status and output as they are now."""
        found = read_execution(self._session, receipt.remote_id, self.config, self._secrets(message))
        return receipt if found is None else receipt_of(found, receipt.key)

    def ask(self, name: str, request: BaseModel) -> Any:
        """`actions`: a list of actions with their parameters. `execution`: its status and output."""
        if isinstance(request, ListActions):
            return self._catalogue.listed(request.pack, request.limit)
        if isinstance(request, ShowExecution):
            found = read_execution(self._session, request.execution_id, self.config)
            if found is None:
                raise bad_answer("an execution")
            return {
                "id": found.id, "action": found.action, "status": found.status, "ended": found.is_over,
                "start_timestamp": found.started, "end_timestamp": found.ended, "output": found.output,
                "url": found.web_url,
            }  # fmt: skip
        return super().ask(name, request)

    def check(self) -> ConnectionReport:
        """List one action (which needs the key), then look at the action that is chosen for incidents."""
        started = time.monotonic()
        self._catalogue.forget()
        facts: list[tuple[str, str]] = []
        warnings = [UNCHECKED_WARNING] if self.config.ignore_ssl else []
        failure: DeliveryError | None = None
        try:
            self._catalogue.listed("", 1)
            facts.append(("API key", "accepted"))
            self._check_provider(facts, warnings)
        except DeliveryError as error:
            failure = error
        if failure is not None:
            return ConnectionReport(
                ok=False, kind=self.kind, summary=f"StackStorm integration not available: {failure.message}",
                hint=failure.hint, case=case_of(failure), facts=tuple(facts), warnings=tuple(warnings),
                latency_ms=_milliseconds(started),
            )  # fmt: skip
        what = f", action {self.config.provider} for incidents" if self.config.provider else ""
        return ConnectionReport(
            ok=True, kind=self.kind, summary=f"Connected to StackStorm{what}.", facts=tuple(facts),
            warnings=tuple(warnings), latency_ms=_milliseconds(started),
        )  # fmt: skip

    def _check_provider(self, facts: list[tuple[str, str]], warnings: list[str]) -> None:
        if not self.config.provider:
            facts.append(("Action for incidents", "none chosen; only calls through the API run actions"))
            return
        action = self._catalogue.find(self.config.provider)
        example = dict.fromkeys(_FILLED, "")
        lacking = [
            name
            for name, problem in problems_of(action.schema, self.config.parameters, None).items()
            if not (problem == "is required" and name in example)
        ]
        facts.append(("Action for incidents", action.ref))
        plain = [name for name in self.config.action_parameters if action.schema.get(name, {}).get("secret")]
        if plain:
            warnings.append(
                f"StackStorm keeps {', '.join(plain)} secret: give it under Secret action parameters, where it is sealed."
            )
        if lacking:
            warnings.append(
                f"The action {action.ref} needs other values for {', '.join(lacking)}: set them under Action parameters."
            )


_FILLED = (
    "incident_id", "alert_id", "title", "severity", "description", "message", "affected_services", "component",
    "source", "classification", "score", "confidence", "priority", "count", "incident_data", "alert_data", "payload",
    "rule_id", "batch_id",
)  # fmt: skip


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
