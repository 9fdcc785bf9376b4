"""`soc rules`."""
