"""Who may sign in: one row an identity, (issuer, subject). `soc.access.accounts` adds, changes and disables them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from soc.errors import NotFound
from soc.store.columns import json_value, key_of, moment, partial_index
from soc.store.nouns.people.people import PersonRow


class AccountRow(SQLModel, table=True):
    """An identity and the person of the roster behind it. `role` is an `AccessRole`; "" may do nothing."""

    __tablename__ = "accounts"
    __table_args__ = (
        sa.UniqueConstraint("issuer", "subject", name="uq_accounts_identity"),
        partial_index("uq_accounts_invitation", "invitation", of="invitation <> ''", unique=True),
    )

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key=key_of(PersonRow), index=True)
    #: `local`, `proxy`, or the address of an OpenID Connect provider.
    issuer: str
    subject: str
    role: str = ""
    #: Whether each sign-in sets the role anew, from the groups that the provider names.
    by_groups: bool = False
    #: What the provider named at the last sign-in.
    groups: list[str] = Field(default_factory=list, sa_column=json_value("[]"))
    #: As argon2 writes it; "" where nobody signs in by a password.
    password: str = ""
    #: The secret of one-time codes, sealed; "" for none. And the last code's time step: none is taken twice.
    totp: str = ""
    totp_step: int = 0
    #: SHA-256 of a one-time link's token, and until when it is in force.
    invitation: str = ""
    invited_until: datetime | None = Field(default=None, sa_column=moment())
    disabled_at: datetime | None = Field(default=None, sa_column=moment())
    signed_in_at: datetime | None = Field(default=None, sa_column=moment())
    created_at: datetime = Field(sa_column=moment(nullable=False))
    #: Who added it, and who changed it last ("": nobody did), as `str(Actor)`.
    made_by: str
    changed_by: str = ""


def find_account(session: Session, issuer: str, subject: str) -> AccountRow | None:
    return session.exec(
        select(AccountRow).where(AccountRow.issuer == issuer, AccountRow.subject == subject)
    ).first()


def find_invited(session: Session, digest: str) -> AccountRow | None:
    return session.exec(select(AccountRow).where(AccountRow.invitation == digest)).first() if digest else None


def get_account(session: Session, account_id: str) -> AccountRow:
    """Raises NotFound."""
    row = session.get(AccountRow, account_id)
    if row is None:
        raise NotFound(f"There is no account {account_id}.", hint="`soc users list` shows them.")
    return row


def list_accounts(session: Session) -> Sequence[tuple[AccountRow, PersonRow]]:
    """Everybody's, by the person's name."""
    return session.exec(
        select(AccountRow, PersonRow)
        .join(PersonRow, col(PersonRow.id) == col(AccountRow.person_id))
        .order_by(col(PersonRow.name), col(AccountRow.id))
    ).all()


def accounts_of(session: Session, person_id: str) -> Sequence[AccountRow]:
    return session.exec(select(AccountRow).where(AccountRow.person_id == person_id)).all()


def any_usable_admin(session: Session, role: str) -> bool:
    """Whether somebody with this role has signed in, or could: by a password or by another's word."""
    return (
        session.exec(
            select(AccountRow.id)
            .join(PersonRow, col(PersonRow.id) == col(AccountRow.person_id))
            .where(
                AccountRow.role == role,
                col(AccountRow.disabled_at).is_(None),
                col(PersonRow.active).is_(True),
                sa.or_(col(AccountRow.issuer) != "local", col(AccountRow.password) != ""),
            )
            .limit(1)
        ).first()
        is not None
    )


def note_code(session: Session, account_id: str, step: int) -> bool:
    """Take a one-time code's time step; False where it, or a later one, was taken before."""
    taken = session.connection().execute(
        sa.update(AccountRow)
        .where(col(AccountRow.id) == account_id, col(AccountRow.totp_step) < step)
        .values(totp_step=step)
    )
    return bool(taken.rowcount)
