"""A month of a company that does not exist, for whoever wants to see the product at work: played, not typed into tables.

Its logs are read, its tickets opened at the practice vendors, its people act, all by the product's own code under a clock
that is moved from one thing that happens to the next. Nothing leaves the machine.
"""

from __future__ import annotations

from soc.demo.month import play_month

__all__ = ["play_month"]
