"""A batch from dropped files to planned deliveries, its progress and its report."""

from soc.processing.processor import HighPerformanceLogProcessor

__all__ = ["HighPerformanceLogProcessor"]
