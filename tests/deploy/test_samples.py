"""The samples of deploy/: each names only what exists, and passes its own kind's tool where that is on this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from soc.cli.commands import app
from soc.cli.endings import Ending
from soc.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SAMPLES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and path.name != "requirements.txt")
#: Tools that CI fetches, and those of the machine.
TOOLS = ROOT / ".deploy-tools" / "bin"


def tool(name: str) -> str:
    """The path of it; skips where it is missing."""
    own = TOOLS / name
    found = str(own) if own.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not on this machine")
    return found


def ran(*command: str | Path) -> str:
    """What it said; fails where it ended badly."""
    done = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: str(one.relative_to(DEPLOY)))
def test_a_sample_names_only_settings_that_exist(sample: Path) -> None:
    known = {f"SOC_{name}".upper() for name in Settings.model_fields}
    named = set(re.findall(r"\bSOC_[A-Z0-9_]*[A-Z0-9]\b", sample.read_text()))
    assert named - known == set()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda one: str(one.relative_to(DEPLOY)))
def test_a_sample_names_only_commands_that_exist(sample: Path) -> None:
    known = get_command(app).commands  # type: ignore[attr-defined]
    started = r"(?:/opt/soc/bin/soc|exec \w+ soc) ([a-z-]+)(?: ([a-z-]+))?"
    for first, second in re.findall(started, sample.read_text()):
        assert first in known, f"soc {first}"
        deeper = getattr(known[first], "commands", None)
        assert deeper is None or second in deeper, f"soc {first} {second}"
    for arguments in _container_arguments(sample):
        assert arguments[0] in known, arguments


def _container_arguments(sample: Path) -> Iterator[list[str]]:
    """What containers of our image are started with."""
    if sample.name == "Dockerfile":
        yield from (
            re.findall(r"[\w-]+", one)
            for one in re.findall(r"^CMD \[(.*)\]$", sample.read_text(), re.MULTILINE)
        )
    elif sample.name == "compose.yaml":
        services = yaml.safe_load(sample.read_text())["services"].values()
        yield from (
            one["command"]
            for one in services
            if one.get("image", "").startswith("soc:") and "entrypoint" not in one
        )
    elif sample.suffix == ".yaml":
        for document in yaml.safe_load_all(sample.read_text()):
            if document["kind"] in ("Deployment", "Job"):
                yield from (one["args"] for one in document["spec"]["template"]["spec"]["containers"])


def test_the_metrics_that_workers_are_counted_by_exist() -> None:
    told = "".join(path.read_text() for path in (ROOT / "soc" / "metrics").glob("*.py"))
    wanted = set(re.findall(r"name: (soc_[a-z_]+)", (DEPLOY / "kubernetes" / "worker.yaml").read_text()))
    assert len(wanted) == 2
    assert {one for one in wanted if f'"{one}"' not in told} == set()


def test_no_sample_holds_a_secret_nor_a_tag_that_moves() -> None:
    for sample in SAMPLES:
        text = sample.read_text()
        assert not re.search(r"^(?:SOC_SECRET_KEY|\w*(?:PASSWORD|SECRET))=\S", text, re.MULTILINE), sample
        assert ":latest" not in text, sample


def test_what_is_filled_in_for_compose_is_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {".env", "deploy/compose/metrics.key"} <= set(ignored)


def test_containers_run_as_nobody_in_particular_on_a_file_system_that_they_cannot_write() -> None:
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text())
    ours = [one for one in compose["services"].values() if one.get("image", "").startswith("soc:")]
    assert len(ours) == 3
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in ours)
    worker = compose["services"]["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["tmpfs"] == ["/tmp"]  # what it unpacks lies on a disk, not in memory
    pods = [
        document["spec"]["template"]["spec"]
        for name in ("dashboard.yaml", "worker.yaml", "migrate.yaml")
        for document in yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text())
        if document["kind"] in ("Deployment", "Job")
    ]
    assert len(pods) == 3
    assert all(one["securityContext"]["runAsNonRoot"] for one in pods)
    assert all(one["containers"][0]["securityContext"]["readOnlyRootFilesystem"] for one in pods)
    stages = (DEPLOY / "image" / "Dockerfile").read_text().split("\nFROM ")
    assert re.search(r"^USER 10001:10001$", stages[-1], re.MULTILINE)
    assert "/health/ready" in stages[-1]
    assert not re.search(r"apt-get|gcc|build-essential", "".join(stages))


def test_on_kubernetes_one_job_migrates_and_no_pod_does() -> None:
    """Its probe would end a start that migrates for long; the owner's address of the database holds before the others'."""
    folder = DEPLOY / "kubernetes"
    settings = yaml.safe_load((folder / "settings.yaml").read_text())["data"]
    assert settings["SOC_MIGRATE_AT_START"] == "false"
    job = yaml.safe_load((folder / "migrate.yaml").read_text())["spec"]["template"]["spec"]
    [container] = job["containers"]
    assert container["args"] == ["migrate"]
    secrets = [one["secretRef"]["name"] for one in container["envFrom"] if "secretRef" in one]
    assert secrets == ["soc-secrets", "soc-owner"]
    images = re.findall(r"image: (\S+)", "".join(one.read_text() for one in folder.glob("*.yaml")))
    assert len(images) == 3
    assert len(set(images)) == 1


def test_what_the_image_is_built_from_is_let_through_and_data_is_not() -> None:
    let_through = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")
    ]
    for name in (
        "soc",
        "pages",
        "data/samples",
        ".streamlit",
        "app.py",
        "setup.py",
        "pyproject.toml",
        "requirements.in",
    ):
        assert name in let_through
    assert not {"data", ".env", "."} & set(let_through)
    assert all((ROOT / one).exists() for one in let_through)


def test_the_images_lock_is_the_products_with_the_bucket_client() -> None:
    def versions(path: Path) -> dict[str, str]:
        return dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;]+)", path.read_text(), re.MULTILINE))

    image, product, tested = (
        versions(one)
        for one in (
            DEPLOY / "image" / "requirements.txt",
            ROOT / "requirements.txt",
            ROOT / "requirements-dev.txt",
        )
    )
    assert {name: image.get(name) for name in product} == product
    assert "s3fs" in image
    assert {name: version for name, version in image.items() if tested.get(name) != version} == {}


def test_hadolint_has_nothing_to_say_of_the_dockerfile() -> None:
    assert ran(tool("hadolint"), DEPLOY / "image" / "Dockerfile").strip() == ""


def test_the_kubernetes_manifests_are_valid() -> None:
    files = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    said = ran(tool("kubernetes-validate"), "--strict", *files)
    for wanted in ("deployment/soc-dashboard", "deployment/soc-worker", "job/soc-migrate"):
        assert wanted in said


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    """With a command that exists in the place of /opt/soc/bin/soc, which is looked for."""
    checker = tool("systemd-analyze")
    for unit in sorted((DEPLOY / "systemd").glob("soc*.*")):
        if unit.suffix in (".service", ".timer"):
            text = unit.read_text().replace("/opt/soc/bin/soc", sys.executable)
            (tmp_path / unit.name).write_text(text)
    units = sorted(tmp_path.iterdir())
    assert len(units) >= 2
    assert ran(checker, "verify", *units).strip() == ""


@pytest.mark.parametrize("unit", ["soc-dashboard.service", "soc-worker@.service"])
def test_only_another_key_keeps_a_unit_from_being_started_again(unit: str) -> None:
    """A store that cannot be used may be a database that starts later than the unit."""
    said = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "systemd" / unit).read_text(), re.MULTILINE))
    assert said["RestartPreventExitStatus"].split() == [str(Ending.WRONG_KEY.value)]
    assert (said["Restart"], said["StartLimitIntervalSec"]) == ("on-failure", "0")


@pytest.mark.parametrize("unit", ["soc-dashboard.service", "soc-worker@.service"])
def test_a_unit_may_write_to_the_folder_that_the_sample_names(unit: str) -> None:
    text = (DEPLOY / "systemd" / unit).read_text()
    folder = re.findall(r"^#SOC_FILES_URL=(\S+)$", (DEPLOY / "systemd" / "soc.env").read_text(), re.MULTILINE)
    assert re.findall(r"^ReadWritePaths=-(.*)$", text, re.MULTILINE) == folder != []


def _lines(unit: str) -> set[str]:
    return set((DEPLOY / "systemd" / unit).read_text().partition("[Service]\n")[2].splitlines())


@pytest.mark.parametrize("unit", ["soc-worker@.service", "soc-migrate.service", "soc-backup.service"])
def test_no_unit_is_kept_less_short_than_the_one_that_serves(unit: str) -> None:
    short = re.compile(
        r"(NoNew|Protect|Private|Restrict(?!Prevent)|Lock|Capability|SystemCall|UMask|User|Group)"
    )
    kept = {one for one in _lines("soc-dashboard.service") if short.match(one)}
    assert len(kept) >= 17
    assert kept <= _lines(unit)


def test_what_migrates_is_kept_as_short_as_what_runs_and_ends() -> None:
    migrates, runs = _lines("soc-migrate.service"), _lines("soc-dashboard.service")
    only_there = {one.partition("=")[0] for one in runs - migrates if one and one[0] not in "#["}
    assert only_there == {
        "ExecStart",
        "ReadWritePaths",
        "Restart",
        "RestartSec",
        "RestartPreventExitStatus",
        "TimeoutStopSec",
        "WantedBy",
    }
    assert {"Type=oneshot", "ExecStart=/opt/soc/bin/soc migrate", "NoNewPrivileges=yes"} <= migrates


def test_prometheus_takes_its_settings(tmp_path: Path) -> None:
    checker = tool("promtool")
    shutil.copy(DEPLOY / "compose" / "prometheus.yml", tmp_path)
    shutil.copy(ROOT / "docs" / "grafana" / "prometheus" / "rules.yml", tmp_path)
    settings = tmp_path / "prometheus.yml"
    settings.write_text(settings.read_text().replace("/etc/prometheus/metrics.key", str(tmp_path / "key")))
    (tmp_path / "key").write_text("soc_x")
    assert "SUCCESS" in ran(checker, "check", "config", settings)


@pytest.mark.parametrize("place", ["caddy", "compose"])
def test_caddy_takes_its_settings(place: str) -> None:
    ran(tool("caddy"), "validate", "--adapter", "caddyfile", "--config", DEPLOY / place / "Caddyfile")
