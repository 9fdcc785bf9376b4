"""The guide's actions against the bench, wrong credentials, and certificates that are not checked."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from soc.domain.message import (
    CallAction,
    Receipt,
)
from soc.errors import (
    ConfigurationError,
    DeliveryError,
    PermanentDeliveryError,
)
from soc.ids import new_id
from soc.integrations.kit.base import TroubleCase
from soc.integrations.kit.connection import http_client
from soc.integrations.registry import InvalidConfiguration, connect, validate
from soc.integrations.vendors.stackstorm.bodies import ListActions, ShowExecution
from soc.settings import get_settings
from tests.contracts.bench import (
    PAGERDUTY,
    STACKSTORM,
    STACKSTORM_AT,
    WEBHOOK_SECRET,
    WRITE,
    Bench,
    carry,
    status_of,
)
from tests.integrations.examples import GUIDE_DATA, called
from tests.integrations.vendors.jira.example import CREATE_TICKET
from tests.integrations.vendors.pagerduty.example import CREATE_INCIDENT
from tests.integrations.vendors.slack.example import SLACK_CALL
from tests.integrations.vendors.webhook.example import SEND

pytestmark = [pytest.mark.contract, pytest.mark.timeout(240)]

CALLS: dict[str, tuple[CallAction, ...]] = {
    "cloud": (CREATE_TICKET,),
    "dc": (CREATE_TICKET,),
    "slack": (SLACK_CALL,),
    "pagerduty": (
        CREATE_INCIDENT,
        called("acknowledge-incident", incident_id="inc-123"),
        called("resolve-incident", incident_id="inc-123"),
    ),
    "stackstorm": (
        called("execute-action", incident_id="inc-1", pack_name="soc", action_name="isolate_host",
               incident_data={"severity": "critical"}, action_parameters={"host": "web-1"}),
        called("send-alert", alert_id="alert-456", alert_data={"title": "CPU", "severity": "warning"},
               pack_name="soc", action_name="handle_alert"),
    ),
    "webhook": (
        SEND,
        called("send-incident", incident_id="inc-123", incident_data=GUIDE_DATA),
        called("send-alert", alert_id="alert-456", alert_data=GUIDE_DATA),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["none", "reset_after"])
def test_every_action_of_the_guide_is_done_once(bench: Bench, kind: str) -> None:
    bench.mark(f"actions, {kind}")
    connectors = bench.connectors()

    def one(name: str) -> list[Receipt | DeliveryError]:
        return [carry(connectors[name], call, new_id("del") + "7") for call in made[name]]

    made = {
        name: tuple(
            CallAction(
                name=call.name,
                request={
                    k: f"{v}-{name}-{kind}7" if k in ("incident_id", "alert_id") else v
                    for k, v in call.request.items()
                },
            )
            for call in calls
        )
        for name, calls in CALLS.items()
    }
    if kind != "none":
        bench.fault(WRITE, kind)
    with ThreadPoolExecutor(6) as pool:
        results = dict(zip(made, pool.map(one, made), strict=True))
    assert [r for found in results.values() for r in found if not isinstance(r, Receipt)] == []
    assert bench.state(202)["alerts"][f"soc-inc-123-pagerduty-{kind}7"]["status"] == "resolved"
    assert all(event["ok"] for event in bench.state(204)), "every signature verifies"
    status, output = bench.verdict()
    assert status == 0, output


def test_an_action_that_fails_or_lasts_is_told_with_its_end(bench: Bench) -> None:
    bench.mark("ends of actions")
    stackstorm = bench.connectors()["stackstorm"]
    failed = stackstorm.deliver(run_of("fail"), delivery_id="del-f7")
    assert failed.extra["status"] == "failed"
    assert "boom" in failed.extra["output"]
    slow = stackstorm.deliver(run_of("slow"), delivery_id="del-s7")
    assert slow.extra["status"] == "running"
    time.sleep(3)
    shown = stackstorm.ask("execution", ShowExecution(execution_id=slow.remote_id))
    assert shown["status"] == "succeeded"
    listed = stackstorm.ask("actions", ListActions(pack="soc"))
    assert "soc.handle_alert" in [action["ref"] for action in listed]
    for name in ("disabled_action", "no_such_action"):
        with pytest.raises(PermanentDeliveryError, match=name):
            stackstorm.deliver(run_of(name), delivery_id="del-x7")
    assert status_of(bench) == ""


def run_of(action: str) -> CallAction:
    return called("execute-action", incident_id="inc-7", pack_name="soc", action_name=action)


def test_wrong_credentials_are_named_and_no_key_is_shown(bench: Bench) -> None:
    bench.mark("wrong credentials")
    wrong = {
        "pagerduty": {
            **PAGERDUTY,
            "integration_key": "0" * 32,
            "events_url": bench.url(5),
            "base_url": bench.url(4),
        },
        "stackstorm": {**STACKSTORM, "api_key": "not-the-key", "base_url": bench.url(STACKSTORM_AT)},
        "webhook": {"url": bench.url(8) + "/hook", "signing_secrets": ["whsec_" + "QUJD" * 8]},
    }
    for kind, data in wrong.items():
        report = connect(kind, validate(kind, data), http=bench.client).check()
        assert not report.ok
        assert report.case is TroubleCase.AUTHENTICATION, kind
        assert "key_hash" not in report.model_dump_json()
    assert status_of(bench) == ""


def test_a_certificate_is_left_unchecked_only_where_an_administrator_allows_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.mark("unchecked")
    address = f"127.0.0.1:{bench.base + 441}"
    data = {"url": f"https://{address}/hook", "signing_secrets": [WEBHOOK_SECRET], "verify_ssl": False}
    with pytest.raises(InvalidConfiguration, match="SOC_ALLOW_INSECURE_TLS"):
        validate("webhook", data)
    with pytest.raises(ConfigurationError):
        http_client(verify=False)
    monkeypatch.setenv("SOC_ALLOW_INSECURE_TLS", "true")
    get_settings.cache_clear()
    with http_client(extra_allowed=[address], verify=False) as client:
        report = connect("webhook", validate("webhook", data), http=client).check()
    assert report.ok, report.summary
    assert any("not checked" in warning for warning in report.warnings)
    assert status_of(bench) == ""
