"""What is written from the code into files: `.env.example` and the field tables of the integrations' pages.

A check in CI fails when they are stale, so a setting cannot exist without its documentation.
"""

from __future__ import annotations

from pathlib import Path

from soc.integrations.registry import KINDS, env_example, field_table
from soc.settings import ROOT, Settings

_BEGIN, _END = "<!-- fields: written by `soc docs` -->", "<!-- end of fields -->"


def settings_example() -> list[str]:
    """The application's own settings as lines of `.env.example`."""
    lines = ["# Application"]
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default in (None, (), "") else str(default)
        if field.description:
            lines.append(f"# {field.description}")
        lines.append(f"# SOC_{name.upper()}={shown}")
    return lines


def env_file() -> str:
    parts = [
        [
            "# Copy to .env and fill in what you use. What is saved on the Integrations page wins over this file."
        ],
        settings_example(),
        *(env_example(kind) for kind in KINDS),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _with_table(text: str, table: str) -> str:
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n\n{table.strip()}\n\n{_END}{after}"


def generate(*, write: bool, root: Path = ROOT) -> list[Path]:
    """Write (or, with `write=False`, only compare); returns the files that were stale."""
    wanted = {root / ".env.example": env_file()}
    for kind, declared in KINDS.items():
        page = root / "docs" / declared.docs
        if page.exists() and _BEGIN in (text := page.read_text()):
            wanted[page] = _with_table(text, field_table(kind))
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if write:
        for path in stale:
            path.write_text(wanted[path])
    return [path.relative_to(root) for path in stale]
