"""API keys: made and shown once, listed, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlmodel import Session

from soc import clock
from soc.access import keys
from soc.access.scopes import Scope
from soc.api.asked_once import Asked
from soc.api.guard import actor_of
from soc.api.inputs import Limit, Offset, RowId
from soc.api.lists import Answer, Cursor, Listed, sorts_of
from soc.api.problems import at
from soc.api.scopes import needs
from soc.store.db import read_session, write_session
from soc.store.nouns.people.keys import KEY_SORTS, ApiKeyRow, page_keys, team_of_owner
from soc.store.nouns.people.keys import get_key as stored_key

router = APIRouter(prefix="/keys", tags=["keys"])
_Sort = Annotated[str, sorts_of(KEY_SORTS)]
_Name = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=keys.LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]


class KeyRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "grafana", "scope": "read"}]}
    )

    name: _Name = Field(description="The program that will use it.")
    scope: Scope = Scope.READ
    owner: str = Field(
        default="",
        max_length=200,
        description="A service account (`svc-…`, or its name) or a person (`per-…`); empty: whoever makes it, if signed in.",
        examples=["svc-3k8d1m5q7x"],
    )
    expires_in_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        description="After so many days it is over; left out: never.",
        examples=[90],
    )


class Rotation(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: int = Field(
        default=24, ge=0, le=720, description="So long the old key works beside the new one.", examples=[24]
    )


class Key(Answer):
    """A key, without the key itself: only its digest is kept."""

    id: str = Field(examples=["key-7k2m9q4x1c"])
    name: str = Field(examples=["grafana"])
    scope: Scope
    created_at: datetime = Field(examples=["2026-01-14T22:03:11Z"])
    last_used_at: datetime | None = Field(examples=["2026-01-14T22:10:00Z"])
    revoked_at: datetime | None = Field(examples=[None])
    made_by: str = Field(examples=["person:shell@shell"])
    revoked_by: str = Field(description="Who revoked it, or empty.", examples=[""])
    owner: str = Field(
        description="The person or service account it ends with, and whose role limits it; empty for nobody's.",
        examples=["per-4h1x9d2k7m"],
    )
    team: str = Field(default="", description="The owner's team, or empty.", examples=["team-7k2m9q4x1c"])
    hint: str = Field(description="How the key begins; empty for an old one.", examples=["soc_Zk3v"])
    expires_at: datetime | None = Field(examples=["2026-04-14T22:03:11Z"])
    follows: str = Field(description="The key whose place it takes, or empty.", examples=[""])


def _told(session: Session, row: ApiKeyRow) -> Key:
    return Key.model_validate(row).model_copy(update={"team": team_of_owner(session, row.owner)})


class NewKey(Key):
    """The one answer that holds the key itself."""

    key: str = Field(description="Keep it now; it cannot be shown again.", examples=["soc_…"])


class KeyList(Listed[Key]):
    """A page of keys."""


@router.get("", dependencies=[needs(Scope.ADMIN)], summary="Keys, newest first")
def list_keys(
    sort: _Sort = "-created_at", cursor: Cursor = "", offset: Offset = 0, limit: Limit = 50
) -> KeyList:
    """Revoked ones too."""
    with read_session() as session:
        page = page_keys(session, sort=sort, cursor=cursor, offset=offset, limit=limit)
        return KeyList.of(page, [_told(session, row) for row in page.rows])


@router.post("", dependencies=[needs(Scope.ADMIN)], status_code=201, summary="Make a key")
def create_key(data: KeyRequest, request: Request, response: Response, once: Asked) -> NewKey:
    """From the first key on, every call needs one. Asked again with its `Idempotency-Key`, it is told for an hour."""
    with write_session() as session:
        done = once.claim(session) if once else None
        if done is None:
            row, key = keys.make_key(
                session,
                data.name,
                data.scope,
                actor=actor_of(request),
                now=clock.now(),
                lasts=_days(data.expires_in_days),
                owner=keys.find_owner(session, data.owner) if data.owner else "",
            )
            if once:
                once.keep(session, {"id": row.id}, secret={"key": key})
        else:
            row, key = stored_key(session, done["id"]), done.get("key", "")
        told = _told(session, row)
    response.headers["Location"] = at(request, f"/keys/{told.id}")
    return NewKey(**told.model_dump(), key=key)


def _days(days: int | None) -> timedelta | None:
    return None if days is None else timedelta(days=days)


@router.post(
    "/{key_id}/rotate", dependencies=[needs(Scope.ADMIN)], status_code=201, summary="Make a key's successor"
)
def rotate_key(key_id: RowId, data: Rotation, request: Request, response: Response, once: Asked) -> NewKey:
    """A new key for the same program; the old one works for the overlap. Asked again with its `Idempotency-Key`, it is told for an hour."""
    with write_session() as session:
        done = once.claim(session) if once else None
        if done is None:
            overlap, actor = timedelta(hours=data.overlap_hours), actor_of(request)
            row, key = keys.rotate_key(session, key_id, overlap=overlap, actor=actor, now=clock.now())
            if once:
                once.keep(session, {"id": row.id}, secret={"key": key})
        else:
            row, key = stored_key(session, done["id"]), done.get("key", "")
        told = _told(session, row)
    response.headers["Location"] = at(request, f"/keys/{told.id}")
    return NewKey(**told.model_dump(), key=key)


@router.get("/{key_id}", dependencies=[needs(Scope.ADMIN)], summary="One key")
def get_key(key_id: RowId) -> Key:
    """Without the key itself, which is nowhere."""
    with read_session() as session:
        return _told(session, stored_key(session, key_id))


@router.delete("/{key_id}", dependencies=[needs(Scope.ADMIN)], summary="Revoke a key")
def revoke_key(key_id: RowId, request: Request) -> Key:
    """At once and for good; its row stays. Again is no change."""
    with write_session() as session:
        return _told(session, keys.revoke_key(session, key_id, actor=actor_of(request), now=clock.now()))
