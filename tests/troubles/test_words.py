"""What each vendor is told of a trouble of the product, and of its end."""

from __future__ import annotations

import httpx
import pytest

from soc.domain.message import TellTrouble
from soc.integrations.registry import takers
from tests.integrations.everyone import EXAMPLES
from tests.integrations.examples import sent_json

TROUBLE = TellTrouble(
    subject="trb-7k2m9q4x1c", title="Jira is paused: its messages wait", since="2026-01-14T22:00:00Z"
)


def _said(kind: str, message: TellTrouble) -> tuple[str, str]:
    """Where the one request goes, and its body as text."""
    example = next(one for one in EXAMPLES if one.kind == kind)
    sent: list[httpx.Request] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith((example.write, "/close")):
            return example.read(request)
        sent.append(request)
        return httpx.Response(200, json=example.success)

    example.connector(vendor).deliver(message, delivery_id="dlv-1")
    assert len(sent) == 1
    return sent[0].url.path, str(sent_json(sent[0]))


@pytest.mark.parametrize("kind", takers("tell_trouble"))
def test_every_channel_says_what_is_wrong_since_when_and_that_it_is_over(kind: str) -> None:
    _, began = _said(kind, TROUBLE)
    path, ended = _said(kind, TROUBLE.model_copy(update={"over": True}))
    assert TROUBLE.title in began
    assert "2026-01-14T22:00:00Z" in began
    assert "Over" not in began
    # the end says so, or ends by its name what the beginning began there
    assert "Over: Jira is paused" in ended or "resolve" in ended
    assert TROUBLE.subject in began + path
    assert TROUBLE.subject in ended + path
