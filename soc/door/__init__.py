"""The door before everything that is served: whose name was called, from which web site, and what every answer says
to the browser. It knows nothing of the product, so that the practice vendors stand behind the same one.
"""

from __future__ import annotations

from soc.door.door import LOCAL_NAMES, Door
from soc.door.policies import API_POLICY, PAGES_POLICY
from soc.door.proxies import came_through_a_proxy
from soc.door.refusals import Refusal

__all__ = ["API_POLICY", "LOCAL_NAMES", "PAGES_POLICY", "Door", "Refusal", "came_through_a_proxy"]
