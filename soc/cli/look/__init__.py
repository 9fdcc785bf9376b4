"""`soc status`, `list`, `show` and `replay`."""
