"""Every list that is paged gives so many rows unless it is told otherwise: whoever pages relies on it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import soc.store.nouns


def test_a_page_has_fifty_rows_unless_told_otherwise() -> None:
    modules = [
        importlib.import_module(one.name)
        for one in pkgutil.walk_packages(soc.store.nouns.__path__, "soc.store.nouns.")
    ]
    paged = {
        f"{module.__name__}.{name}": inspect.signature(function).parameters
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__ and not name.startswith("_")
    }
    lengths = {
        name: (asked["limit"].default, asked["offset"].default if "offset" in asked else 0)
        for name, asked in paged.items()
        if "limit" in asked and {"offset", "cursor"} & set(asked)
    }
    others = {
        name: one for name, one in lengths.items() if one not in ((50, 0), (inspect.Parameter.empty, 0))
    }
    assert len(lengths) > 10
    # what the pages read whole has a hundred
    assert others == {"soc.store.nouns.deliveries.deliveries.list_deliveries": (100, 0)}
