"""The practice Slack."""
