"""What is kept of a project: read once, shown with its age, and read anew where somebody asks for it."""

from __future__ import annotations

import httpx

from soc import clock
from soc.integrations.vendors.jira import JiraConnector
from soc.integrations.vendors.jira import kind as declared
from tests.integrations.everyone import BY_NAME
from tests.integrations.vendors.jira.example import jira_read


def test_every_connector_reads_the_project_anew_once_it_was_forgotten() -> None:
    asked: list[str] = []

    def read(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return jira_read(request)

    first, second = (BY_NAME["jira cloud"].connector(read, project_key="FRESH") for _ in range(2))
    assert declared.KIND.readiness is not None
    kept = declared.KIND.readiness.kept
    assert kept is not None
    assert kept.read_at(first.config) is None

    def types_read() -> int:
        for one in (first, second):
            assert isinstance(one, JiraConnector)
            one._project.issue_types()
        return sum(path.endswith("/issuetypes") for path in asked)

    assert (types_read(), types_read()) == (2, 2)
    read_at = kept.read_at(first.config)
    assert read_at is not None
    assert read_at <= clock.now()
    kept.forget(second.config)
    assert (kept.read_at(first.config), types_read(), types_read()) == (None, 4, 4)
