"""The log events of configurations: which settings changed and who did it, never a value."""

from __future__ import annotations

from typing import Any

from structlog.testing import capture_logs

from soc.configuration.save import save_configuration
from soc.configuration.versions import restore_configuration
from soc.domain.actor import AT_A_PAGE
from soc.store.migrate import migrate

HOOK: dict[str, Any] = {
    "url": "https://hooks.example.com/token-canary",
    "headers": {"Authorization": "canary-2"},
}


def test_a_save_and_a_way_back_name_the_changed_settings_and_no_value() -> None:
    migrate()
    with capture_logs() as told:
        save_configuration("webhook", HOOK, actor=AT_A_PAGE)
        save_configuration("webhook", {**HOOK, "timeout": 7}, actor=AT_A_PAGE)
        restore_configuration("webhook", 1, actor=AT_A_PAGE)
    updates = [one for one in told if one["event"] == "webhook_configuration_updated"]
    assert [one["fields"] for one in updates[1:]] == [["timeout"], ["timeout"]]
    assert {"url", "headers"} <= set(updates[0]["fields"])
    assert {one["actor"] for one in updates} == {str(AT_A_PAGE)}
    assert updates[2]["restored"] == 1
    assert "canary" not in str(told)
