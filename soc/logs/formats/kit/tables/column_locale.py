"""What a country's settings do to a table: names of columns in its language, dates that begin with the day."""

from __future__ import annotations

import re

import polars as pl

from soc.logs.formats.kit.declare import Table

#: Columns of Windows' own exports and of spreadsheets, in a few languages.
_ENGLISH = {
    name: english
    for english, names in {
        "Level": "ebene|niveau|nivel|livello|nível",
        "Date and Time": "datum und uhrzeit|date et heure|fecha y hora|data e ora|data e hora",
        "Source": "quelle|origen|origine|fonte|origem",
        "Event ID": "ereignis-id|id de l'événement|id de l’événement|id. del evento|id evento|id do evento",
        "Task Category": "aufgabenkategorie|catégorie de la tâche|categoría de la tarea|categoria attività|categoria da tarefa",
        "Computer": "rechner|equipo|ordinateur",
        "User": "benutzer|utilisateur|usuario|utente|usuário",
    }.items()
    for name in names.split("|")
}
_SLASHED = r"^(\d{1,2})/(\d{1,2})/(\d{4})\b"


def in_english(name: str) -> str:
    """A column's name as the lexicon knows it; itself where it is none of these."""
    return _ENGLISH.get(name.strip().lower(), name)


def has_day_first(rows: list[list[str]]) -> bool:
    """Whether among the cells of the first rows one date cannot begin with the month, and none cannot begin with the day."""
    dates = [found for row in rows for cell in row if (found := re.match(_SLASHED, cell.strip()))]
    return any(int(one[1]) > 12 for one in dates) and not any(int(one[2]) > 12 for one in dates)


def with_day_first(values: pl.Series, table: Table) -> pl.Series:
    """Dates with slashes as dates with dots, which begin with the day, where the table's do."""
    return values.str.strip_chars().str.replace(_SLASHED, "${1}.${2}.${3}") if table.day_first else values
