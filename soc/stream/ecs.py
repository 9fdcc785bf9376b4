"""An entry of the audit as an ECS document, with the head that proves where the chain stood."""

from __future__ import annotations

import json
from typing import Any

from soc.domain.actor import ActorKind
from soc.domain.audit import REDACTED
from soc.store.nouns.installation.audit import AuditRow

_TYPES = {
    "add": "creation",
    "make": "creation",
    "submit": "creation",
    "delete": "deletion",
    "expire": "deletion",
}


def ecs_document(row: AuditRow) -> dict[str, Any]:
    """`event.sequence`, `event.hash` and `soc.audit.signature` are the entry's head; values as they were recorded."""
    body = json.loads(row.body)
    who, _, known = row.made_by.rpartition("@") if row.made_by != REDACTED else (REDACTED, "", "")
    kind, _, identity = who.partition(":")
    document: dict[str, Any] = {
        "@timestamp": row.at,
        "ecs": {"version": "8.11.0"},
        "message": f"{row.made_by} {row.action} {row.subject_kind}:{row.subject_id}",
        "event": {
            "kind": "event",
            "category": ["iam" if row.subject_kind in ("person", "team", "key") else "configuration"],
            "type": [_TYPES.get(row.action, "change")],
            "action": row.action,
            "provider": "soc",
            "dataset": "soc.audit",
            "sequence": row.seq,
            "id": f"{body['chain']}-{row.seq}",
            "hash": row.hash,
        },
        "soc": {
            "audit": {
                "chain": body["chain"],
                "prev": body["prev"],
                "key": body["key"],
                "signature": row.signature,
                "actor": {"kind": kind, "id": identity, "known": known},
                "subject": {"kind": row.subject_kind, "id": row.subject_id},
                "group": row.group_id,
                "where": row.whereabouts,
                "note": row.note,
                # as text: fields of every shape would each need a mapping of their own
                "before": json.dumps(row.before, ensure_ascii=False),
                "after": json.dumps(row.after, ensure_ascii=False),
            }
        },
    }
    if row.trace_id:
        document["trace"] = {"id": row.trace_id}
    if kind == ActorKind.PERSON:
        document["user"] = {"id": identity}
    return document
