"""The setup guide's own import path, for what it runs in `src/` or with `src` on the path: `soc.processing`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2]))

from soc.processing import HighPerformanceLogProcessor

__all__ = ["HighPerformanceLogProcessor"]
