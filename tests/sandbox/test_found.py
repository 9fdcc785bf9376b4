"""A practice vendor is declared once, in its folder, and found there."""

from __future__ import annotations

from pathlib import Path

import pytest

from soc import sandbox
from soc.integrations.registry import KINDS
from soc.sandbox.faults import NAMES, Fault
from soc.sandbox.found import VENDORS


def test_every_folder_with_a_vendor_is_found_in_order() -> None:
    folders = {path.parent.name for path in Path(sandbox.__path__[0]).glob("*/vendor.py")} - {"kit"}
    assert {vendor.name for vendor in VENDORS} == folders
    assert [vendor.order for vendor in VENDORS] == sorted(vendor.order for vendor in VENDORS)


def test_every_kind_that_practises_has_its_vendor_here_and_every_vendor_a_kind() -> None:
    assert {name for name, kind in KINDS.items() if kind.practice is not None} == set(NAMES)


def test_no_two_vendors_share_a_path_a_record_or_a_count() -> None:
    for names in (
        [prefix for vendor in VENDORS for prefix in vendor.prefixes],
        [record for vendor in VENDORS for record in vendor.memory.RECORDS],
        [door.path for vendor in VENDORS for door in vendor.doors],
    ):
        assert len(names) == len(set(names))


def test_a_fault_of_a_vendor_that_is_not_here_is_refused() -> None:
    with pytest.raises(ValueError, match="one of all"):
        Fault(kind="slow", vendor="nobody")
