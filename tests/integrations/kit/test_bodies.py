"""The requests of the actions: the guide's examples are taken as printed, everything has a bound."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from soc.domain.severity import Severity
from soc.errors import PermanentDeliveryError
from soc.integrations.kit.base import Action
from soc.integrations.kit.bodies import IncidentData, bounded, read_call, severity_of_word
from soc.integrations.registry import KINDS, validate
from soc.integrations.vendors.jira.bodies import CreateTicket
from soc.integrations.vendors.webhook.bodies import SendAlertEvent
from tests.integrations.examples import SECRET, called

WITH_ACTIONS = [(kind, action) for kind, declared in KINDS.items() for action in declared.actions]
every_action = pytest.mark.parametrize(
    ("kind", "action"), WITH_ACTIONS, ids=[f"{k}/{a.name}" for k, a in WITH_ACTIONS]
)


def guide_examples(shared: Path) -> Iterator[tuple[str, str, Any]]:
    """(kind, last part of the path, body) of every POST with a body that the guide prints."""
    text = (shared / "guides/integrations-guide.md").read_text()
    pattern = r"```http\nPOST /api/v1/integrations/(\w+)/([\w-]+)\nContent-Type: application/json\n\n(\{.*?\n\})\n```"
    for kind, name, body in re.findall(pattern, text, re.DOTALL):
        yield kind, name, json.loads(body)


def test_every_body_of_the_guide_is_taken_as_printed(shared: Path) -> None:
    seen = []
    for kind, name, body in guide_examples(shared):
        if name == "config":
            assert validate(kind, body).enabled
        elif name != "test":
            action = next(a for a in KINDS[kind].actions if a.name == name)
            request = action.request.model_validate(body)
            stored = request.model_dump(mode="json")
            assert action.request.model_validate(stored) == request, "what is stored is read back the same"
            assert stored[action.subject]
        seen.append((kind, name))
    assert len(seen) == 13


def test_a_test_of_the_guide_names_enough(shared: Path) -> None:
    for kind, name, body in guide_examples(shared):
        if name == "test" and kind != "jira":
            assert validate(kind, body)


@every_action
def test_every_action_says_what_it_is_and_has_an_example_that_is_valid(kind: str, action: Action) -> None:
    assert action.title
    assert action.request.__doc__
    extra = action.request.model_config.get("json_schema_extra")
    examples = extra["examples"] if isinstance(extra, dict) else [{}]
    assert isinstance(examples, list)
    for example in examples:
        action.request.model_validate(example)
    assert not action.writes or action.subject in action.request.model_fields
    action.request.model_json_schema()


@every_action
def test_an_unknown_field_is_refused_and_no_error_repeats_the_input(kind: str, action: Action) -> None:
    with pytest.raises(ValidationError) as caught:
        action.request.model_validate({SECRET: SECRET, "incident_id": SECRET * 100})
    assert SECRET not in str(caught.value).replace(f"\n{SECRET}\n", "")


@pytest.mark.parametrize(
    ("word", "severity"),
    [("critical", "critical"), ("Error", "high"), ("warning", "medium"), (" low ", "low"), ("info", "info")],
)
def test_severities_of_both_vocabularies_are_read(word: str, severity: str) -> None:
    assert severity_of_word(word) is Severity(severity)


def test_another_severity_is_refused_with_the_list() -> None:
    with pytest.raises(ValidationError, match="critical, emergency"):
        IncidentData(severity="purple")


@pytest.mark.parametrize(
    "data",
    [
        {"title": "x" * 501},
        {"more": "x" * 70_000},
        {"affected_services": ["x"] * 101},
        {"description": "x" * 32_001},
    ],
)
def test_the_incident_data_has_bounds(data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CreateTicket.model_validate({"incident_id": "inc-1", "incident_data": data})


def _nested(levels: int) -> Any:
    value: Any = {}
    for number in range(levels - 1):
        value = {"a": value} if number % 2 else [value, 1]
    return {"custom": value} if levels else 1


@pytest.mark.parametrize("levels", [0, 1, 20, 49])
def test_what_nests_less_deeply_than_the_bound_is_taken(levels: int) -> None:
    assert bounded(_nested(levels)) == _nested(levels)


@pytest.mark.parametrize("levels", [50, 400, 5_000])
def test_what_nests_more_deeply_than_the_bound_is_refused(levels: int) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        bounded(_nested(levels))


def test_what_the_caller_adds_is_kept_and_what_is_not_said_is_not_invented() -> None:
    request = CreateTicket.model_validate(
        {"incident_id": "inc-1", "incident_data": {"title": "t", "ticket": 7}}
    )
    again = CreateTicket.model_validate(request.model_dump(mode="json"))
    assert again.incident_data.given == {"title": "t", "ticket": 7}


@pytest.mark.parametrize("name", ["alert", "incident"])
def test_an_alerts_id_and_data_may_be_named_both_ways(name: str) -> None:
    request = SendAlertEvent.model_validate({f"{name}_id": "a-1", f"{name}_data": {"title": "t"}})
    assert (request.alert_id, request.alert_data.title) == ("a-1", "t")


def test_a_stored_request_of_another_version_is_permanent_and_repeats_nothing() -> None:
    with pytest.raises(PermanentDeliveryError) as caught:
        read_call(CreateTicket, called("create-ticket", incident_id="", secret=SECRET))
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None
