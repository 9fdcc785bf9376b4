"""Who sits here is asked once, kept in the browser, and stands in what is done."""

from __future__ import annotations

import pytest
from streamlit.runtime.context import ContextProxy

from soc import clock
from soc.access.people import add_person, change_person
from soc.domain.actor import AT_THE_SHELL
from soc.domain.audit import Subject, SubjectKind
from soc.store.db import read_session, write_session
from soc.store.nouns.installation.audit import list_of_subject
from tests.pages.conftest import OpenPage


def test_what_is_done_carries_the_name_of_who_sits_here(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page("rules")
    assert "sitting" not in [one.key for one in page.selectbox]  # nobody to choose from
    with write_session() as session:
        anna = add_person(session, {"name": "Anna Ito"}, actor=AT_THE_SHELL, now=clock.now()).id
    page = open_page("rules")
    assert page.selectbox(key="sitting").value is None
    assert any("Say who sits here" in one.value for one in page.caption)
    page.selectbox(key="sitting").set_value(anna).run()
    assert not any("Say who sits here" in one.value for one in page.caption)
    next(one for one in page.button if one.key == "button-switch-off-severity-9").click().run()
    with read_session() as session:
        (row,) = list_of_subject(session, Subject(SubjectKind.RULE, "severity-9"))
    assert (row.made_by, row.whereabouts[:5]) == (f"person:{anna}@said", "page ")

    monkeypatch.setattr(ContextProxy, "cookies", {"soc_person": anna})  # the same browser, another time
    assert open_page("rules").selectbox(key="sitting").value == anna
    with write_session() as session:
        add_person(session, {"name": "Bo"}, actor=AT_THE_SHELL, now=clock.now())
        change_person(session, anna, {"active": False}, actor=AT_THE_SHELL, now=clock.now())
    assert open_page("rules").selectbox(key="sitting").value is None  # who left is asked for anew
