"""The setup guide's name for running a batch from Python: `from soc.processing import HighPerformanceLogProcessor`."""

from __future__ import annotations

from soc.batches.processor import HighPerformanceLogProcessor

__all__ = ["HighPerformanceLogProcessor"]
