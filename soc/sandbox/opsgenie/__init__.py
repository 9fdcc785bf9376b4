"""The practice Opsgenie."""
