from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soc.domain.actor import AT_A_PAGE, AT_THE_SHELL, NOBODY_KNOWN, Actor, ActorKind, Known

IDS = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=40)


@given(st.sampled_from(ActorKind), IDS, st.sampled_from(Known))
def test_an_actor_comes_back_from_its_text(kind: ActorKind, identity: str, known: Known) -> None:
    actor = Actor(kind, identity, known)
    assert Actor.parse(str(actor)) == actor


def test_the_text_says_kind_id_and_how_it_is_known() -> None:
    assert str(Actor.key("key-7")) == "key:key-7@bearer"
    assert str(Actor.rule("severity-9")) == "rule:severity-9@decision"
    assert str(Actor.vendor("jira")) == "vendor:jira@report"
    assert str(Actor.system("sweep", Known.SCHEDULE)) == "system:sweep@schedule"
    assert [str(one) for one in (AT_A_PAGE, AT_THE_SHELL, NOBODY_KNOWN)] == [
        "person:page@unsaid",
        "person:shell@shell",
        "system:before@unknown",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "page",
        "person:page",
        "page@unsaid",
        "person:@unsaid",
        "ghost:x@unsaid",
        "person:x@Hear say",
        "key:x@telex",
    ],
)
def test_another_text_is_no_actor(text: str) -> None:
    with pytest.raises(ValueError):
        Actor.parse(text)


def test_a_person_whom_a_vendor_proves_is_of_the_roster_whatever_the_vendor() -> None:
    kim = Actor.proved("per-kim", by="telex")
    assert (str(kim), Actor.parse(str(kim)), kim.of_roster) == ("person:per-kim@telex", kim, True)
    assert not Actor.person("per-kim").of_roster


def test_an_id_is_one_line() -> None:
    with pytest.raises(ValueError):
        Actor.person("a\nb")
