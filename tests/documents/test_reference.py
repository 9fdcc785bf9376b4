"""The Python reference has what is promised, and reads the same on every machine."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from soc import reference


def test_it_has_every_promised_name_with_its_signature_and_is_the_same_each_time() -> None:
    text = reference.reference()
    assert text == reference.reference()
    assert not re.search(r"0x[0-9a-f]{6}|<(function|class|object) ", text)
    for title in (
        "## Process records, as the setup guide does: `soc.processing`",
        "### `JiraManager`",
        "### `Connector`",
    ):
        assert f"\n{title}\n" in f"\n{text}"
    assert "HighPerformanceLogProcessor.process_large_dataset(records: Sequence[tuple[str, str]]" in text


def test_a_promised_name_without_a_docstring_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("soc.made_up", "A module.")
    exec("def silent(): ...", vars(module))
    module.silent.__module__ = "soc.made_up"
    monkeypatch.setattr(reference, "import_module", lambda _name: module)
    with pytest.raises(ValueError, match="silent is promised to others and has no docstring"):
        reference.reference()


def test_what_has_a_leading_underscore_or_comes_from_elsewhere_is_not_promised() -> None:
    module = ModuleType("soc.made_up")
    exec("import re\nfrom pathlib import Path\nclass One: ...\ndef _own(): ...\ndef two(): ...", vars(module))
    for name in ("One", "_own", "two"):
        vars(module)[name].__module__ = "soc.made_up"
    assert reference.public_names(module) == ["One", "two"]
