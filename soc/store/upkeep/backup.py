"""What a backup must hold: every place where the product keeps something that it cannot find out again.

Declared here once; the table in `docs/backup.md` is written from it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kept:
    """Something to save. `on_sqlite` and `on_postgresql` say where it lies, as paths below the data folder or schemas."""

    what: str
    on_sqlite: str
    on_postgresql: str
    without_it: str


KEPT: tuple[Kept, ...] = (
    Kept(
        "the store: incidents, tickets, deliveries, configurations",
        "`soc.db`",
        "the schema `soc`",
        "nothing can be restored",
    ),
    Kept(
        "the engine: what is queued and what runs",
        "`engine.db`",
        "the schema `engine`",
        "the sweep queues again what the store says is due",
    ),
    Kept(
        "the files: uploads and each batch's events",
        "`uploads/`, `batches/`",
        "the same, or the bucket of `SOC_FILES_URL`",
        "incidents stay; raw lines and a batch that has not been read are gone",
    ),
    Kept(
        "the heads of the audit",
        "`audit/`",
        "the same",
        "an older database in the place of a newer one is not noticed; restore them newer than the database",
    ),
    Kept(
        "the key that seals credentials",
        "`secret.key`, or `SOC_SECRET_KEY`",
        "`SOC_SECRET_KEY`",
        "credentials have to be entered again",
    ),
)


def backup_table() -> str:
    """The Markdown table of `docs/backup.md`."""
    lines = ["| what | on SQLite, in the data folder | on PostgreSQL | without it |", "|---|---|---|---|"]
    lines += [
        f"| {kept.what} | {kept.on_sqlite} | {kept.on_postgresql} | {kept.without_it} |" for kept in KEPT
    ]
    return "\n".join(lines)
