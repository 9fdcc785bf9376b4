"""The dashboards and rules ask for names and labels that `/metrics` has, and are what Grafana and Prometheus take."""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from soc import clock
from soc.metrics.exposition import StoreCollector, render
from soc.store.db import write_session
from soc.store.migrate import migrate
from soc.store.nouns.deliveries.attempts import AttemptRow
from tests.metrics.test_figures import _ticket
from tests.rows import add_batch

GRAFANA = Path(__file__).resolve().parents[2] / "docs" / "grafana"
BOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
KNOWN_PANELS = {"timeseries", "stat", "bargauge", "table"}
_CALLS = {"sum", "by", "increase", "delta", "rate", "max", "min", "avg", "on", "without", "and", "or"}
#: What Prometheus itself says of a target.
_ITS_OWN = {"up": {"job", "instance"}}


def _queries() -> Iterator[tuple[str, str]]:
    for board in BOARDS:
        for panel in json.loads(board.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{board.stem}: {panel['title']}", target["expr"]
    for group in yaml.safe_load((GRAFANA / "prometheus" / "rules.yml").read_text())["groups"]:
        for rule in group["rules"]:
            yield rule.get("alert") or rule["record"], rule["expr"]


def _labels_by_name() -> dict[str, set[str]]:
    """The labels of every name: those declared, and those that samples of a lived-in store have."""
    migrate()
    dice = random.Random(3)
    with write_session() as session:
        for n in range(10):
            add_batch(session, f"bat-{n}")
        for n in range(30):
            _ticket(session, n, dice)
        for outcome, reason in (("delivered", ""), ("failed", "timeout")):
            session.add(AttemptRow(
                delivery_id="dlv-1", number=len(outcome), kind="send", started_at=clock.now(), finished_at=clock.now(), outcome=outcome, reason=reason
            ))  # fmt: skip
    known: dict[str, set[str]] = dict(_ITS_OWN)
    for family in StoreCollector().collect():
        for name in (family.name, f"{family.name}_total"):
            known.setdefault(name, set()).update(getattr(family, "_labelnames", ()))
    for family in text_string_to_metric_families(render().decode()):
        for sample in family.samples:
            known.setdefault(sample.name, set()).update(sample.labels)
    return known


def asked(query: str) -> Iterator[tuple[str, set[str]]]:
    """The names of a query with the labels that are asked of each; labels of `by` belong to every name of the query."""
    grouped = {
        name.strip()
        for found in re.findall(r"by \(([^)]*)\)", query)
        for name in found.split(",")
        if name.strip()
    }
    bare = re.sub(r"by \([^)]*\)", "", query)
    for found in re.finditer(r"([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?", re.sub(r'"[^"]*"', '""', bare)):
        name, inside = found[1], found[2] or ""
        if name in _CALLS or re.fullmatch(r"\d*[smhdw]", name):
            continue
        yield name, grouped | set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", inside))


def test_every_query_names_metrics_and_labels_that_exist() -> None:
    known, wrong, seen = _labels_by_name(), [], 0
    recorded = {
        rule["record"]
        for group in yaml.safe_load((GRAFANA / "prometheus" / "rules.yml").read_text())["groups"]
        for rule in group["rules"]
        if "record" in rule
    }
    for where, query in _queries():
        names = list(asked(query))
        assert names, where
        for name, labels in names:
            seen += 1
            if name not in recorded and not (name in known and labels <= known[name]):
                wrong.append((where, name, labels - known.get(name, set())))
    assert wrong == []
    assert seen > 25


def test_the_reading_of_queries_sees_what_is_wrong() -> None:
    query = 'sum by (priority) (increase(soc_x_total{a="1", b=~"c|d"}[1d])) / soc_y'
    assert list(asked(query)) == [("soc_x_total", {"priority", "a", "b"}), ("soc_y", {"priority"})]


@pytest.mark.parametrize("board", BOARDS, ids=lambda one: one.stem)
def test_a_dashboard_is_what_grafana_provisions(board: Path) -> None:
    """The fields that Grafana's dashboard schema (kind `dashboard`, v39) asks for, and panels that do not overlap."""
    found = json.loads(board.read_text())
    source = yaml.safe_load((GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text())[
        "datasources"
    ][0]
    assert isinstance(found["schemaVersion"], int)
    assert re.fullmatch(r"[\w-]{1,40}", found["uid"])
    assert {"title", "panels", "time", "timezone", "templating", "annotations"} <= set(found)
    taken: set[tuple[int, int]] = set()
    for panel in found["panels"]:
        assert panel["type"] in KNOWN_PANELS
        assert panel["datasource"] == {"type": source["type"], "uid": source["uid"]}
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert max(x for x, _ in cells) < 24
        assert not cells & taken
        taken |= cells
        assert [target["refId"] for target in panel["targets"]] == [
            chr(65 + n) for n in range(len(panel["targets"]))
        ]
    assert len({panel["id"] for panel in found["panels"]}) == len(found["panels"])


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (of Prometheus) is not installed here")
def test_promtool_takes_the_rules_and_their_tests() -> None:
    folder = GRAFANA / "prometheus"
    for words in (["check", "rules", "rules.yml"], ["test", "rules", "rules_test.yml"]):
        done = subprocess.run(["promtool", *words], cwd=folder, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
