"""What the product relies on beneath it: options of Streamlit that are not in its documentation, and start-up."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[1]


def _configured() -> list[tuple[str, object]]:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    return [
        (f"{section}.{name}", value)
        for section, values in config.items()
        for name, value in values.items()
        if section in ("server", "runner", "client", "browser")
    ]


@pytest.mark.parametrize(("option", "value"), _configured())
def test_every_option_of_the_configuration_is_known_to_this_streamlit(option: str, value: object) -> None:
    from streamlit import config

    assert option in config._config_options_template
    assert value is not None


def test_the_server_listens_on_this_machine_only_unless_told_otherwise() -> None:
    assert ("server.address", "127.0.0.1") in _configured()


def test_engine_and_api_import_without_streamlit() -> None:
    code = "import sys; import soc.api, soc.engine, soc.cli; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60).returncode == 0


def test_the_generated_documentation_is_up_to_date() -> None:
    from soc.documentation import generate

    assert generate(write=False) == []
