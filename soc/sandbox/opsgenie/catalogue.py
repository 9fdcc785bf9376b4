"""What exists in the practice Opsgenie before anybody touches it: an API integration and a person on call."""

from __future__ import annotations

API_KEY = "00000000-0000-4000-8000-736f63707263"
INTEGRATION = "SOC practice integration"
ON_CALL = "ana.lyst@practice.example"
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
#: Longest texts, as the Alert API's documentation gives them.
LIMITS = {"message": 130, "alias": 512, "description": 15_000, "entity": 512, "source": 100, "user": 100}
MOST_TAGS, LONGEST_TAG = 20, 50
LARGEST_DETAILS = 8_000
