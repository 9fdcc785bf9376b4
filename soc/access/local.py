"""Signs people in by what they know: a local name with a password and, where one is set up, a one-time code."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from soc.access.accounts import LOCAL, may_come_in
from soc.access.passwords import address_of_secret, hash_password, is_password, new_secret, step_of_code
from soc.audit.write import record
from soc.domain.actor import Actor, Known
from soc.domain.audit import Subject, SubjectKind
from soc.errors import ConfigurationError, SocError
from soc.store import vault
from soc.store.nouns.people.accounts import AccountRow, find_account, get_account, note_code


class NotThem(SocError):
    """Name, password and code do not belong together. Which of them is wrong is not said."""

    def __init__(self) -> None:
        super().__init__(
            "That did not sign you in.",
            hint="Name, password or code is wrong, or an administrator has disabled the account.",
        )


def check_local(session: Session, name: str, password: str) -> AccountRow | None:
    """The account with this name and password; None, after as long, for anything else. Slow: it needs 64 MiB and 50 ms."""
    row = find_account(session, LOCAL, " ".join(name.split()))
    right = is_password(password, row.password if row else "")
    return row if row is not None and right and may_come_in(session, row) else None


def change_password(session: Session, account_id: str, old: str, new: str) -> None:
    """Of whoever knows the old one. Raises NotThem, ConfigurationError."""
    row = get_account(session, account_id)
    if row.issuer != LOCAL or not is_password(old, row.password):
        raise NotThem
    row.password = hash_password(new)
    _tell(session, row, "set password")


def take_code(session: Session, account_id: str, code: str, *, now: datetime) -> bool:
    """Whether the account asks for no code, or this is one of now that was not taken before."""
    row = get_account(session, account_id)
    if not row.totp:
        return True
    step = step_of_code(code, _open(row), now)
    return step > 0 and note_code(session, account_id, step)


def begin_codes(row: AccountRow) -> tuple[str, str]:
    """A new secret for this account's app: sealed, for the form that confirms it, and the address that the app takes in."""
    secret = new_secret()
    return vault.seal({"secret": secret}, owner=_pending(row.id)), address_of_secret(secret, row.subject)


def confirm_codes(session: Session, account_id: str, sealed: str, code: str, *, now: datetime) -> None:
    """From now on the account asks for codes. Raises ConfigurationError where this is none of the secret's."""
    row = get_account(session, account_id)
    secret = vault.unseal(sealed, owner=_pending(account_id))["secret"]
    step = step_of_code(code, secret, now)
    if not step:
        raise ConfigurationError("That is not the app's code.", hint="Take the one that it shows now.")
    row.totp, row.totp_step = vault.seal({"secret": secret}, owner=_owner(account_id)), step
    _tell(session, row, "set up codes")


def drop_codes(session: Session, account_id: str, *, actor: Actor) -> None:
    """The account asks for no code any more: the app was lost."""
    row = get_account(session, account_id)
    row.totp = ""
    row.changed_by = str(actor)
    session.add(row)
    record(
        session, actor, "drop codes", Subject(SubjectKind.PERSON, row.person_id), after={"account": row.id}
    )


def note_refused(session: Session, name: str) -> None:
    """Tell the audit that somebody tried to be this person. Of a name that nobody has, it keeps nothing."""
    row = find_account(session, LOCAL, " ".join(name.split()))
    if row is not None:
        subject = Subject(SubjectKind.PERSON, row.person_id)
        record(session, Actor.system("sign-in"), "refuse sign-in", subject, after={"account": row.id})


def _tell(session: Session, row: AccountRow, action: str) -> None:
    here = Actor.person(row.person_id, Known.SIGNED_IN)
    row.changed_by = str(here)
    session.add(row)
    record(session, here, action, Subject(SubjectKind.PERSON, row.person_id), after={"account": row.id})


def _open(row: AccountRow) -> str:
    return vault.unseal(row.totp, owner=_owner(row.id))["secret"]


def _owner(account_id: str) -> str:
    return f"account:{account_id}"


def _pending(account_id: str) -> str:
    return f"account-pending:{account_id}"
