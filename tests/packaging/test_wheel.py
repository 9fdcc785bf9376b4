"""The product as a wheel, installed where there is no checkout: it serves and processes like the checkout."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    "soc", "pages", "data/samples", ".streamlit", "app.py", "setup.py", "MANIFEST.in", "pyproject.toml",
    "requirements.in", "README.md", "LICENSE",
)  # fmt: skip

pytestmark = [pytest.mark.timeout(400), pytest.mark.long]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, since a build leaves folders in its sources."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "-w", built, source],
        check=True,
    )  # fmt: skip
    return next(built.glob("*.whl"))


@pytest.fixture(scope="module")
def open_folder() -> Iterator[Path]:
    """One that every user of the machine may read: pytest's own are closed."""
    folder = Path(tempfile.mkdtemp(prefix="soc-wheel-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def installed(wheel: Path, open_folder: Path) -> Path:
    """The `bin` of a new environment that holds the wheel; what it needs is borrowed from this one."""
    folder = open_folder / "environment"
    venv.create(folder, with_pip=False)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", folder / "bin" / "python", "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
    )  # fmt: skip
    site = next(folder.glob("lib/python*/site-packages"))
    (site / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"])
    return folder / "bin"


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SOC_", "PYTHON"))}
    return {**kept, "SOC_PATTERN_CACHE": os.environ["SOC_PATTERN_CACHE"]}


def test_a_wheel_has_no_package_but_soc_and_brings_pages_samples_theme_and_schema(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"soc", "soc_operations_dashboard"}
    shipped = {name.removeprefix("soc/shipped/") for name in names if name.startswith("soc/shipped/")}
    pages = {f"pages/{page.name}" for page in (ROOT / "pages").glob("*.py")}
    samples = {f"data/samples/{one.name}" for one in (ROOT / "data" / "samples").iterdir() if one.suffix in (".log", ".gz", ".csv", ".jsonl")}  # fmt: skip
    assert shipped >= {"app.py", ".streamlit/config.toml", *pages, *samples}
    package = {
        path for path in (ROOT / "soc").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert {path.relative_to(ROOT).as_posix() for path in package} <= set(names)


def test_installed_it_knows_where_its_pages_and_samples_are(installed: Path, tmp_path: Path) -> None:
    code = (
        "from soc.ui.kit.places import PLACES\n"
        "from soc.batches.samples import sample_files\n"
        "assert all(place.file.is_file() for place in PLACES)\n"
        "assert len(sample_files()) >= 6, sample_files()\n"
        "import soc; assert 'site-packages' in soc.__file__"
    )
    python = installed / "python"
    assert subprocess.run([python, "-c", code], cwd=tmp_path, env=_clean_environment()).returncode == 0


def test_installed_it_processes_the_sample_night_into_a_data_folder_where_one_stands(
    installed: Path, tmp_path: Path
) -> None:
    samples = next(installed.parent.glob("lib/python*/site-packages/soc/shipped/data/samples"))
    logs = [path for path in sorted(samples.iterdir()) if path.suffix in (".log", ".jsonl", ".csv", ".gz")]
    done = subprocess.run(
        [installed / "soc", "process", *logs, "--export", "events.parquet"],
        cwd=tmp_path, env=_clean_environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Processed 14232 logs successfully" in done.stdout
    assert (tmp_path / "events.parquet").stat().st_size > 100_000
    assert (tmp_path / "data" / "soc.db").is_file()


def test_it_serves_the_dashboard_as_the_image_does_for_nobody_from_a_folder_that_cannot_be_written(
    installed: Path, open_folder: Path
) -> None:
    data, code = open_folder / "data", installed.parent
    data.mkdir()
    prefix = _as_nobody(installed / "python")
    if prefix:
        os.chown(data, NOBODY, NOBODY)
    said, port = open_folder / "said", _free_port()
    files = _files(code)
    for one in (code, *files):
        if not one.is_symlink():
            one.chmod(one.stat().st_mode & 0o555)
    environment = {"SOC_DATA_DIR": str(data), "HOME": str(data), "PYTHONDONTWRITEBYTECODE": "1"}
    with said.open("w") as out:
        server = subprocess.Popen(
            [*prefix, installed / "soc", "dashboard", "--port", str(port)], cwd=data, stdout=out, stderr=out,
            env={**_clean_environment(), **environment},
        )  # fmt: skip
    try:
        wait_for(lambda: _status(port, "/health/ready") == 200, seconds=200, what="the dashboard's start")
        assert _status(port, "/") == 200
        assert _status(port, "/incidents") == 200
    finally:
        server.terminate()
        server.wait(timeout=60)
        for folder in (code, *(one for one in files if one.is_dir() and not one.is_symlink())):
            folder.chmod(0o755)
    shown = said.read_text()
    assert f"http://127.0.0.1:{port}" in shown, "server.address of .streamlit/config.toml holds"
    assert "Traceback" not in shown
    assert _files(code) == files
    assert (data / "soc.db").stat().st_uid == (NOBODY if prefix else os.geteuid())


NOBODY = 65534


def _as_nobody(python: Path) -> list[str]:
    """What goes before a command so that an unprivileged user runs it; nothing where that cannot be, or cannot read our Python."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        return []
    prefix = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    tried = subprocess.run(
        [*prefix, python, "-B", "-c", "import soc, streamlit"], capture_output=True, cwd="/", check=False
    )
    return prefix if tried.returncode == 0 else []


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return int(answer.status)
    except OSError:
        return 0
