"""Whatever the description allows, and what it does not: every route keeps to its description, and none breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings as drawn
from requests import sessions
from schemathesis import checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from starlette.applications import Starlette
from starlette.routing import Mount

from soc import clock
from soc.access.keys import make_key
from soc.access.scopes import Scope
from soc.api import api
from soc.api.guard import ApiGuard, Buckets
from soc.configuration.transfer import document
from soc.domain.actor import AT_A_PAGE
from soc.settings import get_settings
from soc.store.db import write_session
from soc.store.migrate import migrate
from tests.guarantees.network import closed_network

pytestmark = pytest.mark.long

checks.load_all_checks()
#: Drawn for each operation, beside what covers the bounds of every parameter.
EXAMPLES = 2
#: Checks that ask for more than is promised, and why.
LEFT_OUT = {
    "positive_data_acceptance": "what a schema allows may still name a row, a cursor or a channel that is not there",
    "ignored_auth": "the matrix of test_scopes.py holds every route to its scope, with keys of each",
    "unsupported_method": "test_http.py asks for `Allow`; a method without a body is let through to say 405",
}
SERVED = Starlette(routes=[Mount("/api/v1", app=ApiGuard(api, buckets=Buckets(burst=1_000_000)))])
#: What is asked of an operation is drawn in its test: `SCHEMA.parametrize()` draws it for all of them wherever tests are
#: collected, 20 s of CPU in every process of a run.
SCHEMA = schemathesis.openapi.from_dict(
    api.openapi(),
    config=SchemathesisConfig.from_dict(
        {
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            "phases": {"coverage": {"enabled": True}, "stateful": {"enabled": False}},
        }
    ),
)
SCHEMA.app = SERVED
OPERATIONS = {operation.ok().label: operation.ok() for operation in SCHEMA.get_all_operations()}
DRAWN = drawn(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", autouse=True)
def _own_installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One installation for all routes, with a key in force and no network."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("SOC_DATABASE_URL", "SOC_SECRET_KEY", "SOC_ALLOWED_HOSTS", "SOC_CA_BUNDLE"):
            patch.delenv(name, raising=False)
        patch.setenv("SOC_DATA_DIR", str(tmp_path_factory.mktemp("schemathesis")))
        get_settings.cache_clear()
        patch.setitem(document._SCRYPT, "n", 2**4)  # a passphrase costs 0.2 s on purpose
        # a proxy is looked for in the whole environment, twice a request
        patch.setattr(sessions, "get_environ_proxies", lambda *_, **__: {})
        with closed_network(patch):
            migrate()
            yield
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def admin() -> dict[str, str]:
    with write_session() as session:
        _, key = make_key(session, "schemathesis", Scope.ADMIN, actor=AT_A_PAGE, now=clock.now())
    return {"Authorization": f"Bearer {key}", "Host": "127.0.0.1:8501"}


def _keeps_to_its_description(case: Any, admin: dict[str, str]) -> None:
    answer = case.call(headers=admin)
    left_out = [*LEFT_OUT]
    # described: the vendor's fault, not ours; and that no engine runs here, for a probe
    if answer.status_code == 502 or (answer.status_code == 503 and case.path.endswith("/ready")):
        left_out.append("not_a_server_error")
    if case.path.endswith(
        ("/config", "/test")
    ):  # a setting may be written as text, as in .env: it is converted
        left_out.append("negative_data_rejection")
    case.validate_response(answer, excluded_checks=[checks.CHECKS.get_one(name) for name in left_out])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_is_as_described(name: str, admin: dict[str, str]) -> None:
    build_operation_test(
        config=SCHEMA.config,
        operation=OPERATIONS[name],
        test_func=_keeps_to_its_description,
        given_kwargs={},
        feedback=FeedbackSources(),
        explicit_settings=DRAWN,
    )(admin=admin)
