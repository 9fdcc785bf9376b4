"""The Metrics page's parts: its charts, and where each of their points leads."""
