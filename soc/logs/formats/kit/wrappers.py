"""What products put around records: an object that holds nothing but a list of them, or the record under a key of its own."""

from __future__ import annotations

#: The beginning of an object with a list of records: the one name that it stands under. Its elements lie two levels deep.
LIST_OF_RECORDS = (
    r"\{\s*\"(?:[Rr]ecords|[Vv]alues?|[Ee]vents|[Ll]ogs|[Ii]tems|[Rr]esults|[Ee]ntries|[Dd]ata)\"\s*:\s*\["
)
#: The same where other members stand before the list, under names that nothing but a list of records has; and how deep its elements lie.
_MEMBERS = r"(?:\"[\w@.-]{1,60}\"\s*:\s*(?:\"[^\"]{0,300}\"|[\w.+-]{1,40}|\{[^{}]{0,400}\}|\[[^\[\]{}]{0,400}\])\s*,\s*){0,12}"
DEEPER_LISTS = (
    (2, rf"\{{\s*{_MEMBERS}\"logEvents\"\s*:\s*\["),
    (3, rf"\{{\s*{_MEMBERS}\"hits\"\s*:\s*\{{\s*{_MEMBERS}\"hits\"\s*:\s*\["),
)
#: Keys that hold the line as it was, or its message, below a wrapper's own; they are asked before all others.
INNER_TEXT = (
    "_raw", "result._raw", "_source.message", "_source.event.original", "jsonPayload.message", "jsonPayload.msg",
    "fields.message", "event.original",
)  # fmt: skip
