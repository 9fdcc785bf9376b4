"""What each kind declares of itself, and that the registry finds it by its folder alone."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import pytest

from soc.delivery.queues import QUEUES, delivery_queue
from soc.integrations import vendors
from soc.integrations.kit.kind import Kind
from soc.integrations.registry import FALLBACKS, KINDS, acted_event, find_kinds, switched, takers, validate

every_kind = pytest.mark.parametrize("name", KINDS)
COPY = """
from dataclasses import replace
from soc.integrations.registry import KINDS
ANY = next(iter(KINDS.values()))
class Speaks(ANY.connector):
    kind = "{kind}"
KIND = replace(ANY, connector=Speaks, order={order})
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package of vendors, elsewhere."""
    folder = tmp_path / "made_up_vendors"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, folder.name, raising=False)
    return folder


def add(package: Path, folder: str, *, kind: str = "", order: int = 100) -> None:
    (package / folder).mkdir()
    (package / folder / "__init__.py").touch()
    (package / folder / "kind.py").write_text(COPY.format(kind=kind or folder, order=order))


def test_every_folder_of_a_vendor_is_a_kind() -> None:
    folders = {path.parent.name for path in Path(vendors.__path__[0]).glob("*/__init__.py")}
    assert set(KINDS) == folders


def test_a_folder_is_found_without_a_line_elsewhere_and_stands_where_it_says(package: Path) -> None:
    for name, order in (("zeta", 1), ("beta", 100), ("alpha", 100)):
        add(package, name, order=order)
    assert list(find_kinds(import_module(package.name))) == ["zeta", "alpha", "beta"]


def test_a_folder_and_its_kind_have_one_name(package: Path) -> None:
    add(package, "gamma", kind="delta")
    with pytest.raises(RuntimeError, match="gamma declares the kind “delta”"):
        find_kinds(import_module(package.name))


@every_kind
def test_a_kind_says_what_it_takes_and_is_ordered_where_it_ends_what_it_began(name: str) -> None:
    kind = KINDS[name]
    assert isinstance(kind, Kind)
    assert kind.takes or kind.actions, "an integration that does nothing"
    assert kind.ordered or not kind.takes & {"resolve_alert", "end_escalation"}, (
        "an end could overtake its beginning"
    )
    assert ("open_ticket" in kind.takes) == (kind.ticket_summary is not None)
    assert kind.update_limits is None or "update_alert" in kind.takes


@every_kind
def test_practice_settings_are_settings_of_the_kind(name: str) -> None:
    practice = KINDS[name].practice
    if practice is None:
        pytest.skip("it has no practice vendor")
    config = validate(name, {**practice("http://127.0.0.1:8610"), "practice": True})
    assert config.practice


def test_who_can_stand_in_for_another_follows_from_what_each_takes() -> None:
    assert FALLBACKS[0] == ""
    assert FALLBACKS[1:] == takers("send_alert")
    assert not set(takers("open_ticket")) & set(FALLBACKS)


def test_each_kind_has_its_queue_and_one_for_updates_where_it_declares_that() -> None:
    for name, kind in KINDS.items():
        assert QUEUES[delivery_queue(name, "send_alert")] == kind.limits
        updates = delivery_queue(name, "update_alert")
        apart = kind.update_limits is not None
        assert (updates != delivery_queue(name, "send_alert")) == apart
        assert QUEUES[updates] == (kind.update_limits or kind.limits)


def test_a_kind_that_is_gone_still_has_a_queue_and_a_log_event() -> None:
    assert delivery_queue("gone", "update_alert") == "deliver-gone"
    assert acted_event("gone") == "gone_action_executed"


def test_the_guides_log_events_and_switches_are_declared() -> None:
    assert acted_event("webhook") == "webhook_sent"
    assert acted_event("slack") == "slack_action_executed"
    assert KINDS["jira"].updated_event == "jira_configuration_updated"
    assert [kind.name for kind in switched()] == ["slack", "jira"], "from the left, as on the page"
