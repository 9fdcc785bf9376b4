"""The setup guide's name for running a batch from Python: `from soc.processing import HighPerformanceLogProcessor`."""

from __future__ import annotations

from soc.batches.processor import HighPerformanceLogProcessor, ProcessingResult, TicketSummary

__all__ = ["HighPerformanceLogProcessor", "ProcessingResult", "TicketSummary"]
