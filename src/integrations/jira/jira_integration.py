"""The setup guide's own import path, for what it runs in `src/` or with `src` on the path: `soc.integrations.jira`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))

from soc.integrations.jira import JiraManager, get_jira_manager

__all__ = ["JiraManager", "get_jira_manager"]
