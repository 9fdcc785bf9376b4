"""A client that is generated from the description gets a typed object from every route."""

from __future__ import annotations

import importlib
import inspect
import io
import json
import subprocess
import sys
import typing
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.routing import Mount

from soc import clock
from soc.api import api
from soc.api.guard import ApiGuard, Buckets
from soc.batches.run import run_batch
from soc.configuration import practice
from soc.delivery import connectors
from soc.domain.actor import AT_A_PAGE
from soc.integrations.registry import KINDS
from soc.sandbox.stackstorm.memory import StackStormMemory
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.rules.approvals import ApprovalRow
from soc.store.nouns.tickets.ticket_conflicts import TicketConflictRow
from tests.guarantees.network import closed_network
from tests.rows import NIGHT, add_delivery, add_incident, add_ticket

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[3]
GENERATOR = ROOT / ".api-tools" / "venv" / "bin" / "openapi-python-client"
#: These take a row away and answer 204.
REMOVALS = ("remove_rule", "delete_shift", "delete_absence", "delete_chain", "remove_sla_policy")
#: What answers no object, by name: nothing at all, and a file.
NO_OBJECT = {**dict.fromkeys(REMOVALS, type(None)), "export_deliveries": str}
#: These take away or lock what the others need, so they come last and in this order.
LAST = (*REMOVALS, "create_key", "get_key", "list_keys", "rotate_key", "revoke_key")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    if not GENERATOR.exists():
        pytest.skip(".ci/api-tools has not installed the generator (it needs PyPI)")
    folder = tmp_path_factory.mktemp("client")
    described, told = folder / "openapi.json", folder / "told.yaml"
    described.write_text(json.dumps(api.openapi()))
    told.write_text("post_hooks: []\n")
    made = subprocess.run(
        [GENERATOR, "generate", "--path", described, "--config", told, "--meta", "none",
         "--output-path", folder / "soc_client", "--fail-on-warning"],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    yield importlib.import_module("soc_client")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "soc_client"]:
        del sys.modules[name]


#: No engine runs here, the batch has ended, and the audit's entry of the example holds another value: the typed object is a problem.
REFUSED = {
    # the incident of the rows has no lines of a log
    "list_values_of": 404,
    "preview_split_of": 404,
    "split_incident": 404,
    "redact_the_audit": 422,
    "get_readiness": 503,
    "run_batch_again": 409,
    "stop_batch_now": 409,
    "continue_batch": 409,
    # the incident of the rows has no ticket, and its people no account there
    "set_labels_of_incident": 409,
    "set_components_of_incident": 409,
    "set_watchers_of_incident": 409,
    "set_watchers_of_ticket": 409,
    # nobody signed in
    "approve_request": 409,
    "withdraw_request": 409,
    "fetch_approved": 409,
}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """An installation with practice vendors, a batch that ran, and a row of everything."""
    migrate()
    monkeypatch.setattr("soc.sandbox.server.DEFAULT_PORT", 0)
    app = Starlette(routes=[Mount("/api/v1", app=ApiGuard(api, buckets=Buckets(burst=10_000)))])
    with closed_network(monkeypatch), TestClient(app, base_url="http://127.0.0.1:8501/api/v1") as client:
        practice.connect_sandbox(actor=AT_A_PAGE)
        assert practice._server is not None
        practice._server.state.of(StackStormMemory).execution_seconds = 0.0
        with write_session() as session:
            add_delivery(session, "dlv-1", state="dead")
            add_ticket(session, "SOC-900")
            add_incident(session, "inc-one")
            add_incident(session, "inc-other")
            add_incident(session, "inc-third")
        yield client
        connectors.close_all()
        practice.stop_sandbox()


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Each operation's tag, id and description, those of LAST at the end."""
    found = [
        (call["tags"][0], call["operationId"], call)
        for path, calls in api.openapi()["paths"].items()
        for call in calls.values()
        if not _of_an_absent_vendor(path)
    ]
    return sorted(found, key=lambda one: LAST.index(one[1]) if one[1] in LAST else -1)


def _of_an_absent_vendor(path: str) -> bool:
    """An action of a kind that the sandbox does not play: nobody is there to carry it out."""
    kind, _, action = path.removeprefix("/integrations/").partition("/")
    declared = KINDS.get(kind)
    return (
        declared is not None
        and declared.practice is None
        and action in {one.name for one in declared.actions}
    )


class _Caller:
    """Calls the generated functions with what their parameters' names and examples say."""

    def __init__(self, package: ModuleType, served: TestClient) -> None:
        self.package, self.served = package, served
        self.client = package.Client(base_url="http://127.0.0.1:8501/api/v1")
        self.client.set_httpx_client(served)
        types = importlib.import_module("soc_client.types")
        upload = importlib.import_module("soc_client.models").CreateBatchForm(
            files=[types.File(payload=io.BytesIO(b"kernel: Out of memory: killed\n"), file_name="a.log")]
        )
        self.upload = upload
        made = served.post("batches", files=[("files", ("a.log", b"kernel: Out of memory\n"))]).json()
        run_batch(made["batch_id"])
        ticket = served.get("tickets").json()["items"][0]["id"]
        person, other = self._made("people", name="Ana Ito"), self._made("people", name="Lee Ader")
        #: The ids in the examples, and whom and what they stand for here.
        self.real = {
            "per-7k2m9q4x1c": person,
            "per-0bqr4mj9p4": other,
            "inc-0bqr4mj9p4g2": "inc-other",
            "dlv-0bqr4mj9p4g2": "dlv-1",
            "SOC-124": "inc-third",
        }
        policy = {**self._example("PolicyRequest"), "expected_version": 0}
        assert served.put("sla/policies/night", json=policy).status_code == 200
        self.known: dict[str, Any] = {
            "batch_id": made["batch_id"],
            "incident_id": "inc-one",
            "delivery_id": "dlv-1",
            "ticket_id": ticket,
            "rule_id": "security-8",
            "person_id": person,
            "team_id": self._made("people/teams", name="Days"),
            "shift_id": self._made("roster/shifts", **self._example("ShiftRequest")),
            "absence_id": self._made("roster/absences", **self._example("AbsenceRequest")),
            "handover_id": self._made("handovers", remark="Quiet."),
            "chain_id": self._made("escalation/chains", **self._example("ChainRequest")),
            "suppression_id": self._made("suppressions", **self._example("SuppressionRequest")),
            "policy_id": "night",
            "conflict_id": _conflict(ticket),
            "approval_id": _approval(),
            "note_id": "",
            "group": "",
            "q": "security",
            "field": "source",
            "integration": "jira",
            "version": 1,
            "url": "https://your-system.com/hook",
            "execution_id": "",
            "key_id": "",
        }

    def _made(self, path: str, **body: Any) -> Any:
        """The id of a row that the API makes."""
        answer = self.served.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    def _example(self, name: str) -> Any:
        return self._really(api.openapi()["components"]["schemas"][name]["examples"][0])

    def _really(self, example: Any) -> Any:
        """With ids that are known here, with times around now, and whoever has it."""
        text = json.dumps(example)
        for told, real in self.real.items():
            text = text.replace(told, real)
        example = json.loads(text)
        if "ends_at" in example:
            example |= {"starts_at": _in_hours(-1), "ends_at": _in_hours(3)}
        if "until" in example:
            example["until"] = _in_hours(3)
        if "owner" in example:
            example.pop("expected", None)
        return example

    def call(self, tag: str, operation: str, described: dict[str, Any]) -> Any:
        module = importlib.import_module(f"soc_client.api.{tag}.{operation}")
        function = module.sync_detailed
        given: dict[str, Any] = {"client": self.client}
        hints = typing.get_type_hints(function)
        for name, parameter in inspect.signature(function).parameters.items():
            if name == "body":
                given["body"] = self._body(operation, described, hints[name])
            elif name != "client" and parameter.default is inspect.Parameter.empty:
                given[name] = self.known[name.removesuffix("_query")]
        answer = function(**given)
        parsed = answer.parsed
        if operation == "stackstorm_execute_action":
            self.known["execution_id"] = parsed.id
        if operation == "add_note_to_incident":
            self.known["note_id"] = self.served.get("incidents/inc-one/notes").json()["items"][0]["id"]
        if operation == "act_on_many":
            self.known["group"] = parsed.group
        if operation == "create_key":
            self.known["key_id"] = parsed.id
            self.served.headers["Authorization"] = f"Bearer {parsed.key}"
        return answer

    def _body(self, operation: str, described: dict[str, Any], hint: Any) -> Any:
        if operation == "create_batch":
            return self.upload
        if operation == "reorder_rules":
            example: Any = {"rule_ids": [rule["id"] for rule in self.served.get("rules").json()["items"]]}
        elif operation == "order_sla_policies":
            example = {"policy_ids": [one["id"] for one in self.served.get("sla/policies").json()["items"]]}
        elif operation == "create_key":
            example = {"name": "generated", "scope": "admin"}
        else:
            content = described["requestBody"]["content"]["application/json"]
            example = content.get("example") or _first_example(content["schema"])
        model = next(one for one in (*typing.get_args(hint), hint) if hasattr(one, "from_dict"))
        return model.from_dict(self._really(example))


def _in_hours(hours: int) -> str:
    return (clock.now() + timedelta(hours=hours)).isoformat()


def _conflict(ticket_id: int) -> int:
    """One about the priority that nobody has decided."""
    with write_session() as session:
        row = TicketConflictRow(
            ticket_id=ticket_id, field="priority", reason="Both sides changed it.", ours={"value": "Highest"},
            theirs={"value": "Low"}, made_by=str(AT_A_PAGE), created_at=NIGHT, updated_at=NIGHT,
        )  # fmt: skip
        session.add(row)
        session.flush()
        assert row.id is not None
        return row.id


def _approval() -> str:
    """A request that waits for a second administrator."""
    with write_session() as session:
        session.add(
            ApprovalRow(
                id="apr-one", act="switch off certificate checks", subject="configuration:webhook", what="…", reason="…",
                state="waiting", created_at=clock.now(), expires_at=clock.now() + timedelta(hours=1),
                made_by="person:per-chief@signed-in",
            )
        )  # fmt: skip
    return "apr-one"


def _first_example(schema: dict[str, Any]) -> Any:
    part = next((one for one in schema.get("anyOf", [schema]) if "$ref" in one), schema)
    name = part["$ref"].rpartition("/")[2]
    return api.openapi()["components"]["schemas"][name]["examples"][0]


def test_every_route_answers_with_a_typed_object(package: ModuleType, served: TestClient) -> None:
    caller = _Caller(package, served)
    operations = _operations()
    untyped = []
    for tag, operation, described in operations:
        answer = caller.call(tag, operation, described)
        parsed = answer.parsed
        kinds = {type(one) for one in parsed} if isinstance(parsed, list) else {type(parsed)}
        wanted = NO_OBJECT.get(operation)
        fine = (
            kinds == {wanted}
            if wanted
            else all(kind.__module__.startswith("soc_client.models") for kind in kinds)
        )
        well = 200 <= answer.status_code < 300 or answer.status_code == REFUSED.get(operation)
        if not (well and fine and kinds):
            untyped.append((operation, int(answer.status_code), kinds, answer.content[:200]))
    assert not untyped, "\n".join(map(str, untyped))
    assert len(operations) == len({operation for _, operation, _ in operations}) > 60
