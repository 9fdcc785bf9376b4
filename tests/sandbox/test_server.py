"""The sandbox keeps what it was told, under load, through a crash, and to itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from soc.sandbox.admin import EVERY
from soc.sandbox.jira.memory import JiraMemory
from soc.sandbox.kit.journal import JournalInUse
from soc.sandbox.pagerduty.memory import PagerDutyMemory
from soc.sandbox.server import JIRA_TOKEN, SandboxServer
from soc.sandbox.slack.memory import SlackMemory
from soc.sandbox.stackstorm.memory import StackStormMemory
from soc.sandbox.webhook.memory import WebhookMemory

Json = dict[str, Any]
REPOSITORY = Path(__file__).resolve().parents[2]


def test_sixteen_clients_get_sixteen_times_as_many_distinct_tickets(
    sandbox: SandboxServer, ticket: Json
) -> None:
    def work(_: int) -> list[str]:
        with httpx.Client(
            base_url=f"{sandbox.jira_url}/rest/api/3/", auth=("a@b.example", JIRA_TOKEN)
        ) as client:
            return [client.post("issue", json={"fields": ticket}).json()["key"] for _ in range(8)]

    with ThreadPoolExecutor(16) as pool:
        keys = [key for found in pool.map(work, range(16)) for key in found]
    assert sorted(keys, key=lambda key: int(key[4:])) == [f"SOC-{n}" for n in range(1, 129)]


def test_tickets_and_messages_are_there_again_after_a_restart(
    sandbox: SandboxServer, jira: httpx.Client, slack: httpx.Client, ticket: Json, journal: Path
) -> None:
    jira.post("issue", json={"fields": ticket})
    jira.post("issue/SOC-1/transitions", json={"transition": {"id": "5"}})
    slack.post("chat.postMessage", json={"channel": "#soc-alerts", "text": "kept"})
    sandbox.stop()
    with SandboxServer(state_path=journal) as again:
        assert again.state.of(JiraMemory).issues["SOC-1"].status == "5"
        assert [message.text for message in again.state.of(SlackMemory).messages.values()] == ["kept"]
        assert again.state.of(JiraMemory).next_issue_number() == 2


def test_events_executions_and_deliveries_are_there_again_after_a_restart(
    sandbox: SandboxServer, events: httpx.Client, stackstorm: httpx.Client, trigger: Json, journal: Path
) -> None:
    for action in ("trigger", "acknowledge"):
        events.post("enqueue", json=trigger | {"event_action": action})
    key = stackstorm.post("executions", json={"action": "soc.slow", "parameters": {"seconds": 60}}).json()[
        "id"
    ]
    stackstorm.delete(f"executions/{key}")
    headers = {"webhook-id": "msg_1", "authorization": "Bearer s3cr3t"}
    httpx.post(sandbox.webhook_url, content=b"kept", headers=headers)
    before = sandbox.state.counts()
    for _ in range(2):  # the first restart rewrites the journal, the second reads what it wrote
        sandbox.stop()
        sandbox.start()
        assert sandbox.state.counts() == before
    (alert,) = sandbox.state.of(PagerDutyMemory).alerts
    assert (alert.status, alert.events) == ("acknowledged", [1, 2])
    assert sandbox.state.of(StackStormMemory).executions[key].canceled
    (delivery,) = sandbox.state.of(WebhookMemory).deliveries
    assert (delivery.body, delivery.headers["authorization"]) == ("kept", "Bearer ********")
    assert httpx.post(sandbox.webhook_url, headers=headers).status_code == 204
    events.post("enqueue", json=trigger | {"event_action": "resolve"})
    assert [(a.status, a.events) for a in sandbox.state.of(PagerDutyMemory).alerts] == [
        ("resolved", [1, 2, 3])
    ]


def test_the_state_lists_what_every_vendor_received_and_reset_forgets_it(
    sandbox: SandboxServer,
    jira: httpx.Client,
    slack: httpx.Client,
    events: httpx.Client,
    stackstorm: httpx.Client,
    opsgenie: httpx.Client,
    admin: httpx.Client,
    ticket: Json,
    trigger: Json,
) -> None:
    jira.post("issue", json={"fields": ticket})
    slack.post("chat.postMessage", json={"channel": "#soc-alerts", "text": "x"})
    events.post("enqueue", json=trigger)
    stackstorm.post("executions", json={"action": "soc.fail"})
    httpx.post(sandbox.webhook_url, content=b"x")
    opsgenie.post("alerts", json={"message": "x"})
    state = admin.get("/admin/state").json()
    names = {name for memory in sandbox.state.memories.values() for name in memory.counts()}
    assert state["counts"] == dict.fromkeys(names, 1)
    assert {name: len(state[name]) for name in names} == state["counts"]
    assert admin.get("/admin/health").json() == {"ok": True, "practice": True} | state["counts"]
    admin.post("/admin/settings", json={"execution_seconds": 3, "archived_channels": ["general"]})
    assert admin.post("/admin/reset").json() == {"ok": True}
    assert admin.get("/admin/state").json()["counts"] == dict.fromkeys(names, 0)
    assert admin.get("/admin/settings").json() == EVERY().model_dump(mode="json")


def test_setting_one_thing_leaves_the_others(admin: httpx.Client) -> None:
    admin.post("/admin/settings", json={"search_lag": 20})
    admin.post("/admin/settings", json={"events_per_minute": 5})
    assert admin.get("/admin/settings").json()["search_lag"] == 20
    assert admin.post("/admin/settings", json={"search_lag": -1}).status_code == 400


def test_a_line_that_was_cut_off_costs_nothing_else(
    sandbox: SandboxServer, jira: httpx.Client, ticket: Json, journal: Path
) -> None:
    jira.post("issue", json={"fields": ticket})
    sandbox.stop()
    with journal.open("ab") as file:
        file.write(b'{"kind":"issue","data":{"id":"100')
    for expected in (1, 2):
        with SandboxServer(state_path=journal) as again:
            assert len(again.state.of(JiraMemory).issues) == expected
            auth = ("a@b.example", JIRA_TOKEN)
            httpx.post(f"{again.jira_url}/rest/api/3/issue", json={"fields": ticket}, auth=auth)


def test_an_answered_ticket_survives_kill_9(tmp_path: Path, ticket: Json) -> None:
    journal = tmp_path / "journal.jsonl"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = f"from pathlib import Path; from soc.sandbox.server import run; run(port={port}, state_path=Path({str(journal)!r}))"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=REPOSITORY)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=("a@b.example", JIRA_TOKEN)) as client:
            _await(client)
            answered = [
                client.post("/jira/rest/api/3/issue", json={"fields": ticket}).json()["key"] for _ in range(5)
            ]
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    with SandboxServer(state_path=journal) as again:
        assert list(again.state.of(JiraMemory).issues) == answered


def _await(client: httpx.Client) -> None:
    for _ in range(100):
        try:
            client.get("/admin/health")
        except httpx.ConnectError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the sandbox did not come up")


def test_a_second_sandbox_on_the_same_journal_is_refused(sandbox: SandboxServer, journal: Path) -> None:
    with pytest.raises(JournalInUse):
        SandboxServer(state_path=journal).start()


def test_a_taken_port_is_an_os_error_and_leaves_the_journal_alone(
    sandbox: SandboxServer, tmp_path: Path
) -> None:
    with pytest.raises(OSError, match="in use"):
        SandboxServer(port=sandbox.port, state_path=tmp_path / "other.jsonl").start()
    assert not (tmp_path / "other.jsonl").exists()


def test_reset_forgets_everything_for_good(
    sandbox: SandboxServer, jira: httpx.Client, admin: httpx.Client, ticket: Json, journal: Path
) -> None:
    jira.post("issue", json={"fields": ticket})
    admin.post("/admin/reset")
    assert jira.post("issue", json={"fields": ticket}).json()["key"] == "SOC-1"
    sandbox.stop()
    with SandboxServer(state_path=journal) as again:
        assert len(again.state.of(JiraMemory).issues) == 1


def test_stop_ends_in_time_while_a_slow_answer_is_pending(sandbox: SandboxServer, ticket: Json) -> None:
    httpx.post(f"{sandbox.url}/admin/faults", json={"kind": "slow", "seconds": 600})
    auth = ("a@b.example", JIRA_TOKEN)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{sandbox.jira_url}/rest/api/3/issue", json={"fields": ticket}, auth=auth, timeout=0.2)
    serving = sandbox._thread
    assert serving
    sandbox.stop()
    assert not sandbox.is_running
    serving.join(60)  # a busy machine may need more than the moment that `stop` waits
    assert not serving.is_alive()


def test_a_page_of_another_site_may_not_write(admin: httpx.Client) -> None:
    elsewhere = {"origin": "https://evil.example"}
    assert admin.post("/admin/reset", headers=elsewhere).status_code == 403
    assert admin.post("/console/reset", headers=elsewhere).status_code == 403
