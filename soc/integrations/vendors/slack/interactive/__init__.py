"""Slack's interactivity: what it sends when somebody presses a button, sends a form or writes in a thread."""
