"""How often anything was written, as stored (`soc.store.db` counts)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Field, SQLModel


class WriteCountRow(SQLModel, table=True):
    """The sum over the rows moves with every transaction that changed a row; signs of life do not count."""

    __tablename__ = "write_counts"

    slot: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    writes: int = Field(sa_column=sa.Column(sa.BigInteger, nullable=False))
