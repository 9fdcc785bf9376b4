"""What every list answers: a page of it, how many there are in all, and the cursor to what follows."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from soc.errors import ConfigurationError
from soc.integrations.registry import KINDS
from soc.store.paging import Page, Sorts

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
#: A kind for the examples.
SOME_KIND = next(iter(KINDS))

#: What is said of a link to a page of ours.
PAGE = "Its page in the dashboard; empty without `SOC_PUBLIC_URL`."

Item = TypeVar("Item", bound=BaseModel)


class Answer(BaseModel):
    """Base of what is answered: built from a row by its attributes."""

    model_config = ConfigDict(from_attributes=True)


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    total: int = Field(description="How many match in all, on every page.", examples=[1])
    next: str | None = Field(
        default=None,
        description="Pass it on as `cursor` for what follows; null at the end.",
        examples=[None],
    )

    @classmethod
    def of(cls, page: Page[Any], items: Iterable[Item]) -> Self:
        return cls(items=list(items), total=page.total, next=page.next or None)


def _written_out(moment: object) -> object:
    """Seconds since 1970 are no RFC 3339."""
    if isinstance(moment, int | float) or (isinstance(moment, str) and not _RFC3339.match(moment)):
        raise ValueError("is written like 2026-01-14T22:00:00Z")
    return moment


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is no moment of this calendar in UTC") from None


#: A moment with its offset. Bounds of a list: from `since` (included) to `until` (excluded).
Moment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
#: The same, but that without an offset it is taken as UTC.
MomentOrUtc = Annotated[
    datetime,
    BeforeValidator(_written_out),
    AfterValidator(lambda at: _in_utc(at if at.tzinfo else at.replace(tzinfo=UTC))),
]
Since = Annotated[Moment | None, Query(description="From this moment on (RFC 3339, with its offset).")]
Until = Annotated[Moment | None, Query(description="Before this moment (RFC 3339, with its offset).")]
Cursor = Annotated[
    str, Query(max_length=1000, pattern=r"^[A-Za-z0-9_=-]*$", description="The `next` of the page before.")
]


def sorts_of(sorts: Sorts) -> Any:
    """For a `sort` parameter: one of the list's sorts; a minus before it turns it round."""
    names = [sign + name for name in sorts for sign in ("", "-")]
    return Query(pattern=f"^-?({'|'.join(sorts)})$", json_schema_extra={"enum": list(names)})


def offset_cursor(offset: int) -> str:
    """A cursor into a list that does not change any more."""
    return base64.urlsafe_b64encode(f"from:{offset}".encode()).decode().rstrip("=")


def read_offset(cursor: str) -> int:
    """Raises ConfigurationError for a cursor that is none of ours."""
    try:
        word, _, number = (
            base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(":")
        )
        offset = int(number) if number.isdigit() else -1
    except (binascii.Error, UnicodeDecodeError):
        word, offset = "", -1
    if word != "from" or not 0 <= offset < 2**31:
        raise ConfigurationError("This is no cursor of this list.", hint="Begin again without a cursor.")
    return offset
