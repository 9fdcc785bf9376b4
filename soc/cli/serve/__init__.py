"""Commands that serve: the dashboard, the API, a worker, the practice vendors."""
