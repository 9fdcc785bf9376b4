"""Which issue type a ticket gets: by name, in Jira's language or not, never by position, never an Epic or a sub-task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from soc.errors import FailureReason, PermanentDeliveryError

#: Taken in this order where the one that is wanted is missing, by their names or their untranslated names.
ORDINARY = ("Incident", "Task", "Bug", "Problem", "Story", "Issue", "Support", "Service Request", "[System] Incident",
            "[System] Problem", "[System] Service request", "Question")  # fmt: skip
#: Names of the same in the languages that Jira speaks, for Data Centers, which do not tell the untranslated name.
_SPOKEN = {
    "Incident": ("störung", "vorfall", "incidente", "incidencia", "インシデント", "инцидент", "事件", "incydent", "hendelse"),
    "Task": (
        "aufgabe", "tâche", "tarea", "tarefa", "attività", "taak", "uppgift", "oppgave", "opgave", "tehtävä", "zadanie",
        "úkol", "feladat", "задача", "завдання", "görev", "タスク", "任务", "任務", "작업", "compito",
    ),
    "Bug": ("fehler", "bogue", "anomalie", "error", "erro", "ошибка", "バグ", "缺陷", "błąd", "chyba", "hiba"),
    "Story": ("historie", "récit", "historia", "história", "история", "ストーリー", "故事", "스토리", "storia"),
    "Problem": ("problème", "problema", "проблема", "問題", "问题"),
}  # fmt: skip
_EPICS = frozenset(
    {
        "epic",
        "epos",
        "épica",
        "epica",
        "épico",
        "épopée",
        "эпик",
        "エピック",
        "史诗",
        "長篇故事",
        "에픽",
        "epik",
    }
)


_SUBTASKS = frozenset(
    {
        "sub-task",
        "subtask",
        "sub task",
        "unteraufgabe",
        "teilaufgabe",
        "deeltaak",
        "sottotask",
        "sottoattività",
        "sotto-task",
        "deluppgift",
        "deloppgave",
        "delopgave",
        "alitehtävä",
        "podzadanie",
        "dílčí úkol",
        "alfeladat",
        "підзавдання",
        "alt görev",
        "하위 작업",
        "子任務",
        "sous-tâche",
        "subtarea",
        "subtarefa",
        "подзадача",
        "サブタスク",
        "子任务",
    }
)


def could_be_a_ticket(name: str) -> bool:
    """False for a name that is known as an Epic's or a sub-task's."""
    return name.casefold() not in _EPICS | _SUBTASKS


@dataclass(frozen=True)
class IssueType:
    """`original` is its name before it was translated, "" where Jira does not tell; `level` 0 is an ordinary ticket."""

    id: str
    name: str
    subtask: bool = False
    original: str = ""
    level: int = 0

    @property
    def ordinary(self) -> bool:
        """Whether a ticket of its own can have it: no Epic (or what stands above), no sub-task."""
        names = {self.name.casefold(), self.original.casefold()}
        return not self.subtask and self.level == 0 and not names & (_EPICS | _SUBTASKS)

    def is_called(self, name: str) -> bool:
        wanted = " ".join(name.split()).casefold()
        return bool(wanted) and wanted in (self.name.casefold(), self.original.casefold(), self.id)


def types_of(rows: Iterable[dict[str, Any]]) -> tuple[IssueType, ...]:
    """The types of Jira's rows, those that tickets can have first."""
    found = [
        IssueType(
            str(row["id"]),
            " ".join(str(row["name"]).split()),
            bool(row.get("subtask")),
            " ".join(str(row.get("untranslatedName") or "").split()),
            row["hierarchyLevel"] if isinstance(row.get("hierarchyLevel"), int) else 0,
        )
        for row in rows
        if "id" in row and "name" in row
    ]
    return tuple(sorted(found, key=lambda one: not one.ordinary))


def named(types: Iterable[IssueType], name: str) -> IssueType | None:
    """The ordinary type of this name, by the name that is shown before the untranslated one."""
    called = [one for one in types if one.ordinary and one.is_called(name)]
    shown = [one for one in called if one.name.casefold() == name.strip().casefold()]
    return next(iter([*shown, *called]), None)


def chosen(types: Sequence[IssueType], wanted: Iterable[str]) -> IssueType:
    """The first that the project has of `wanted`, else an ordinary one. Raises PermanentDeliveryError where there is none."""
    for name in wanted:
        if (found := named(types, name)) is not None:
            return found
    found = _usual(types)
    if found is None:
        raise _none_to_take(types)
    return found


def _none_to_take(types: Sequence[IssueType]) -> PermanentDeliveryError:
    """Either no type can stand alone, or several can, of which none is a usual one: which one is meant, a person says."""
    if several := [one for one in types if one.ordinary]:
        said = f"The project has none of the usual issue types, but several others: {listed(several)}"
        hint = "Choose one of them under Issue type."
    else:
        said = f"The project has no issue type that a ticket can have by itself: {listed(types) or 'none at all'}"
        hint = "Add Incident or Task to its issue type scheme, or choose another project."
    return PermanentDeliveryError(f"{said}.", reason=FailureReason.SETTINGS, hint=hint)


def _usual(types: Sequence[IssueType]) -> IssueType | None:
    for name in ORDINARY:
        if (found := named(types, name)) is not None:
            return found
        for word in _SPOKEN.get(name, ()):
            if (found := named(types, word)) is not None:
                return found
    ordinary = [one for one in types if one.ordinary]
    return ordinary[0] if len(ordinary) == 1 else None


def problem_of(types: Sequence[IssueType], name: str) -> str:
    """Why this type cannot be a ticket's, in words that follow its label; "" where it can."""
    if named(types, name) is not None:
        return ""
    other = next((one for one in types if one.is_called(name)), None)
    offered = listed([one for one in types if one.ordinary]) or "none"
    if other is not None:
        what = "a sub-task, which needs a parent" if other.subtask else "an Epic, which holds other tickets"
        return f"“{name}” is {what}; the project has {offered}"
    return f"the project has no type “{name}”, or this account may not create it; it has {offered}"


def listed(types: Iterable[IssueType]) -> str:
    return ", ".join(
        one.name if one.original.casefold() in ("", one.name.casefold()) else f"{one.name} ({one.original})"
        for one in types
    )
