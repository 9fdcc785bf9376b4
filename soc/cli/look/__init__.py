"""`soc status`, `list`, `show`, `replay` and `readiness`."""
