"""The practice PagerDuty."""
