"""Jira's address, project and token as people paste them."""

from __future__ import annotations

import pytest

from soc.integrations.registry import InvalidConfiguration, validate
from soc.integrations.vendors.jira import JiraConfig
from tests.integrations.vendors.jira.example import CLOUD, DATA_CENTER

ID = "11223344-a1b2-3b33-c444-def123456789"


def saved(example: dict[str, str], **changes: str) -> JiraConfig:
    config = validate("jira", {**example, **changes})
    assert isinstance(config, JiraConfig)
    return config


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        ("https://acme.atlassian.net/browse/SOC-12?focusedCommentId=1#c", "https://acme.atlassian.net"),
        (
            "https://acme.atlassian.net/jira/software/c/projects/SOC/boards/1?a=b",
            "https://acme.atlassian.net",
        ),
        ("acme.atlassian.net", "https://acme.atlassian.net"),
        ("http://acme.atlassian.net/", "https://acme.atlassian.net"),
        ('"https://acme.atlassian.net"', "https://acme.atlassian.net"),
        ("<https://acme.atlassian.net/>", "https://acme.atlassian.net"),
        ("https://jira.acme.com/jira/software/projects/SOC", "https://jira.acme.com"),
        ("https://jira.acme.com/browse/SOC-12", "https://jira.acme.com"),
        (f"https://api.atlassian.com/ex/jira/{ID}/rest/api/3/", f"https://api.atlassian.com/ex/jira/{ID}"),
    ],
)
def test_a_cloud_address_is_cut_to_its_site(pasted: str, base: str) -> None:
    assert saved(CLOUD, base_url=pasted).base_url == base


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        ("https://jira.example.org/jira/browse/SOC-12", "https://jira.example.org/jira"),
        ("https://jira.example.org/jira/secure/Dashboard.jspa", "https://jira.example.org/jira"),
        ("https://jira.example.org/secure/RapidBoard.jspa?rapidView=3", "https://jira.example.org"),
        (
            "https://jira.example.org:8443/tools/jira/projects/SOC/issues",
            "https://jira.example.org:8443/tools/jira",
        ),
        ("https://jira.example.org/jira/rest/api/2", "https://jira.example.org/jira"),
        ("https://jira.example.org/jira/issues/?jql=project%20%3D%20SOC", "https://jira.example.org/jira"),
        ("https://jira.example.org/jira/login.jsp?os_destination=%2F", "https://jira.example.org/jira"),
        ("https://jira.example.org/jira/servicedesk/customer/portal/1", "https://jira.example.org/jira"),
        ("https://jira.example.org/jira/", "https://jira.example.org/jira"),
        ("https://jira.example.org/support", "https://jira.example.org/support"),
    ],
)
def test_an_on_premise_address_keeps_its_context_path(pasted: str, base: str) -> None:
    assert saved(DATA_CENTER, base_url=pasted).base_url == base


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"base_url": "https://id.atlassian.com/login?continue=x"}, "base_url", "not your Jira"),
        ({"base_url": "https://api.atlassian.com/ex/jira"}, "base_url", "cloud id"),
        (
            {"base_url": "https://me:secret@acme.atlassian.net/browse/SOC-1"},
            "base_url",
            "fields of their own",
        ),
        ({"base_url": "https://https://acme.atlassian.net"}, "base_url", "twice"),
        ({"instance_type": "on_premise"}, "instance_type", "Cloud"),
        ({"api_token": " \u200b "}, "api_token", "empty"),
        ({"api_token": "JIRA_API_TOKEN=abc"}, "api_token", "what follows the “=”"),
        ({"project_key": "Security Operations"}, "project_key", "not its name"),
    ],
)
def test_what_cannot_be_meant_is_explained_at_its_field(
    changes: dict[str, str], field: str, words: str
) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        saved(CLOUD, **changes)
    assert list(caught.value.fields) == [field]
    assert words in caught.value.fields[field]
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "key", ["soc", " SOC ", "SOC-12", "https://x.atlassian.net/browse/SOC-12", "/projects/SOC/"]
)
def test_the_project_is_found_in_what_was_pasted(key: str) -> None:
    assert saved(CLOUD, project_key=key).project_key == "SOC"


@pytest.mark.parametrize("token", [" abc ", '"abc"', "“abc”", "Bearer abc", "\ufeffabc\u00a0"])
def test_a_token_loses_what_came_along_and_a_password_does_not(token: str) -> None:
    assert saved(CLOUD, api_token=token).api_token.get_secret_value() == "abc"
    assert saved(DATA_CENTER, username="bot", api_token='"a b"').api_token.get_secret_value() == '"a b"'
