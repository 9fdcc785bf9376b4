"""What is written from the code into files: `.env.example` and the tables of pages below `docs/`.

A check in CI fails when they are stale, so nothing that is declared can exist without its documentation. A page marks
the place of a table with `<!-- NAME: written by `soc docs` -->` and `<!-- end of NAME -->`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from soc.api.table import route_table
from soc.detection.listing import (
    list_context,
    list_detectors,
    list_settings,
    list_signatures,
    list_tags,
    list_vetoes,
)
from soc.domain.event import column_table
from soc.integrations.registry import KINDS, env_example, field_table, kind_table, message_table
from soc.logs.formats import all_formats
from soc.logs.formats.kit.listing import body_table, header_table, list_choosable
from soc.reference import reference
from soc.settings import ROOT, Settings
from soc.store.upkeep.backup import backup_table
from soc.tracing.attributes import attribute_table


@dataclass(frozen=True)
class Table:
    """A Markdown table that a page below `docs/` gets from the code. `name` stands in the page's markers."""

    page: str
    name: str
    write: Callable[[], str]

    def put_into(self, text: str) -> str:
        """The page with its table renewed. Raises ValueError where the markers are missing."""
        begin, end = f"<!-- {self.name}: written by `soc docs` -->", f"<!-- end of {self.name} -->"
        if begin not in text or end not in text:
            raise ValueError(f"docs/{self.page} lacks the markers of its table “{self.name}”.")
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        return f"{before}{begin}\n\n{self.write().strip()}\n\n{end}{after}"


def tables() -> Iterator[Table]:
    """Every generated table. Who declares a list adds its table here: one line."""
    yield Table("detectors.md", "detectors", list_detectors)
    yield Table("detectors.md", "settings", list_settings)
    yield Table("events-file.md", "columns", column_table)
    yield Table("integrations.md", "kinds", kind_table)
    yield Table("api.md", "routes", route_table)
    yield Table("messages.md", "messages", message_table)
    yield Table("log-formats.md", "file formats", lambda: list_choosable(all_formats()))
    yield Table("log-formats.md", "line formats", lambda: header_table(all_formats()))
    yield Table("log-formats.md", "statements", lambda: body_table(all_formats()))
    yield Table("backup.md", "backup", backup_table)
    yield Table("python.md", "names", reference)
    yield Table("settings.md", "settings", settings_table)
    yield Table("tracing.md", "attributes", attribute_table)
    yield Table("signatures.md", "signatures", list_signatures)
    yield Table("signatures.md", "context words", list_context)
    yield Table("signatures.md", "vetoes", list_vetoes)
    yield Table("signatures.md", "tags", list_tags)
    for kind, declared in KINDS.items():
        yield Table(declared.docs, "fields", lambda kind=kind: field_table(kind))  # type: ignore[misc]


def own_settings() -> Iterator[tuple[str, str, str]]:
    """(variable, default as it would be written, what it does) of each setting of the application itself."""
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        secret = isinstance(default, SecretStr)
        shown = "" if secret or default in (None, (), "") else str(default)
        yield f"SOC_{name.upper()}", shown, field.description or ""


def settings_example() -> list[str]:
    """The application's own settings as lines of `.env.example`."""
    lines = ["# Application"]
    for variable, default, what in own_settings():
        lines += [f"# {what}"] if what else []
        lines.append(f"# {variable}={default}")
    return lines


def settings_table() -> str:
    """The same as a table, for whoever looks one up."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for variable, default, what in own_settings():
        shown = f"`{default}`" if default else ""
        rows.append(f"| `{variable}` | {shown} | {what} |")
    return "\n".join(rows)


def env_file() -> str:
    parts = [
        [
            "# Copy to .env and fill in what you use. What is saved on the Integrations page wins over this file."
        ],
        settings_example(),
        *(env_example(kind) for kind in KINDS),
    ]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def generate(*, write: bool, root: Path = ROOT, more: Iterable[Table] = ()) -> list[Path]:
    """Write (or, with `write=False`, only compare); returns the files that were stale.

    `more` are the tables of whoever calls: what lies on higher floors cannot be asked here.
    """
    wanted = {root / ".env.example": env_file()}
    for table in (*tables(), *more):
        page = root / "docs" / table.page
        if page.exists():  # a kind under construction may have no page yet; a test asks for one
            wanted[page] = table.put_into(wanted.get(page) or page.read_text())
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if write:
        for path in stale:
            path.write_text(wanted[path])
    return [path.relative_to(root) for path in stale]
