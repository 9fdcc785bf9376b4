"""The practice vendors: whatever folder of the sandbox holds a `vendor.py`, in the order that they declare."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from soc.sandbox.kit.vendor import PracticeVendor


def find_vendors(package: str = "soc.sandbox") -> tuple[PracticeVendor, ...]:
    """Raises RuntimeError where a folder and the vendor in it have different names."""
    found = []
    for folder in iter_modules(import_module(package).__path__):
        place = f"{package}.{folder.name}"
        if folder.ispkg and find_spec(f"{place}.vendor") and folder.name != "kit":
            vendor: PracticeVendor = import_module(f"{place}.vendor").VENDOR
            if vendor.name != folder.name:
                raise RuntimeError(f"{place} declares the vendor “{vendor.name}”; name both alike.")
            found.append(vendor)
    return tuple(sorted(found, key=lambda vendor: (vendor.order, vendor.name)))


VENDORS = find_vendors()
