"""What is wrong with a value is said in words that follow its name, and the value is not repeated."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError

from soc.wrong_values import said_of


class Way(StrEnum):
    ONE, TWO = "one", "two"


class Given(BaseModel):
    needed: int = 0
    count: Annotated[int, Field(ge=1, le=10)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    word: Annotated[str, Field(min_length=2, max_length=4)] = "abc"
    secret: Annotated[SecretStr, Field(min_length=1)] = SecretStr("x")
    many: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    table: dict[str, int] = {}
    inner: Way | None = None
    method: Literal["POST", "PUT"] = "POST"
    on: bool = True


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("count", 0, "is at least 1"), ("count", 11, "is at most 10"), ("count", "canary", "is a whole number"),
        ("count", 1.5, "is a whole number"), ("share", 0, "is more than 0.0"), ("share", 1, "is less than 1.0"), ("share", "canary", "is a number"),
        ("word", "a", "has at least 2 characters"), ("word", "canary", "has at most 4 characters"), ("word", 5, "is a text"),
        ("secret", "", "is empty"), ("many", [], "is empty"), ("many", ["canary"] * 3, "has at most 2 entries"),
        ("many", "canary", 'is written like ["one", "two"]'), ("table", [], 'is written like {"name": "value"}'),
        ("inner", "canary", "is 'one' or 'two'"), ("method", "canary", "is 'POST' or 'PUT'"), ("on", "canary", "is true or false"),
    ],
)  # fmt: skip
def test_what_belongs_there_is_said(name: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Given.model_validate({name: value})
    (error,) = caught.value.errors()
    assert said_of(error) == said


def test_what_is_missing_is_missing_and_other_words_stay() -> None:
    assert said_of({"type": "missing", "msg": "Field required"}) == "is missing"
    assert said_of({"type": "value_error", "msg": "Value error, is no zone"}) == "is no zone"
