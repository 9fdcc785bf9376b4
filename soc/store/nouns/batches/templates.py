"""Templates as stored: each batch's messages with their variable parts masked, and how often each stood there."""

from __future__ import annotations

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from soc.store.columns import key_of
from soc.store.nouns.batches.batches import BatchRow


class TemplateRow(SQLModel, table=True):
    __tablename__ = "templates"

    batch_id: str = Field(foreign_key=key_of(BatchRow), primary_key=True)
    template_id: str = Field(primary_key=True)
    template: str
    count: int = Field(sa_type=BigInteger)
    classification: str
    score: int
