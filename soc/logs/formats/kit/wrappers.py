"""What products put around records: an object that holds nothing but a list of them, or the record under a key of its own."""

from __future__ import annotations

#: The beginning of an object with a list of records: the one name that it stands under. Its elements lie two levels deep.
LIST_OF_RECORDS = (
    r"\{\s*\"(?:[Rr]ecords|[Vv]alues?|[Ee]vents|[Ll]ogs|[Ii]tems|[Rr]esults|[Ee]ntries|[Dd]ata)\"\s*:\s*\["
)
#: Keys that hold the line as it was, or its message, below a wrapper's own; they are asked before all others.
INNER_TEXT = (
    "_raw", "result._raw", "_source.message", "_source.event.original", "jsonPayload.message", "jsonPayload.msg",
    "fields.message", "event.original",
)  # fmt: skip
