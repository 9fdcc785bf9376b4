"""What every message is: a class with a title, fixed when it is planned; and the list of all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

#: Every message by its name (the `action` in rows), in the order of this file.
MESSAGES: dict[str, type[Message]] = {}


class Message(BaseModel):
    """One message. Its first line in the docs is the class's docstring."""

    model_config = ConfigDict(frozen=True)

    #: As pages and documentation call it.
    TITLE: ClassVar[str]
    #: The messages that it may bring about once it is delivered.
    FOLLOWED_BY: ClassVar[tuple[str, ...]] = ()
    #: What makes it another message about the same subject; "" where it is said once.
    VERSIONS: ClassVar[str] = ""
    #: It tells a state: one that was not told yet is dropped once a newer one about the same subject is there.
    LAST_WINS: ClassVar[bool] = False
    #: Whether it waits until what was planned before it about the same incident has ended, at every vendor.
    WAITS: ClassVar[bool] = False

    action: str
    #: The page here that shows what it is about; "" where people have no address for it, and in messages that were
    #: planned before there were links. Not part of its key: it is the same message at another address.
    url: str = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **_kwargs: Any) -> None:
        name = cls.model_fields["action"].default
        if isinstance(name, str):  # what only gathers messages has no name
            MESSAGES[name] = cls

    def about(self) -> str:
        """The id of what it is about, for its key."""
        raise NotImplementedError


def read_message(payload: Mapping[str, Any]) -> Message:
    """A stored message. Raises ValueError where it is none of MESSAGES, or its values are not."""
    found = MESSAGES.get(str(payload.get("action")))
    if found is None:
        raise ValueError("The stored message is of a kind that this version does not know.")
    return found.model_validate(payload)


def message_title(name: str) -> str:
    """A message's title, also of one that another version wrote."""
    return MESSAGES[name].TITLE if name in MESSAGES else name.replace("_", " ")
