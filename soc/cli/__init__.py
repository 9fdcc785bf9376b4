"""The commands of `soc`."""

from __future__ import annotations

from soc.cli.commands import main

__all__ = ["main"]
