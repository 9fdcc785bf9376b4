"""Every setting that a page names exists, and every setting that exists stands on the page of settings."""

from __future__ import annotations

import re

from soc.documentation import own_settings
from tests.documents.blocks import PAGES, ROOT

#: What only our tests read; two pages print commands with them.
OF_TESTS = {"SOC_CRASH_INCIDENTS", "SOC_RANDOM_EDITS"}


def test_every_setting_that_a_page_names_exists() -> None:
    known = {variable for variable, _, _ in own_settings()} | OF_TESTS
    named = {
        (page, name)
        for page in PAGES
        for name in re.findall(r"\bSOC_[A-Z0-9_]*[A-Z0-9]\b", (ROOT / page).read_text())
    }
    assert len(named) > 50
    assert not {(page, name) for page, name in named if name not in known}


def test_every_setting_says_what_it_does_in_a_sentence() -> None:
    assert not [variable for variable, _, what in own_settings() if not what.endswith(".")]


def test_no_default_of_a_secret_is_printed() -> None:
    shown = {variable: default for variable, default, _ in own_settings()}
    assert shown["SOC_SECRET_KEY"] == shown["SOC_OIDC_PROVIDERS"] == ""
    assert shown["SOC_SILENCE_SECONDS"] == "36"
