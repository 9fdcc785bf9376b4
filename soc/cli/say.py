"""What a command says beside its result goes to standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from soc.errors import SocError

err = Console(stderr=True)


@contextmanager
def explained() -> Iterator[None]:
    """An expected error is one red line and exit code 1."""
    try:
        yield
    except SocError as error:
        err.print(f"❌ {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None
