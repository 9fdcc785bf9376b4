"""What happened in the night of the sample logs, one module a vantage point."""
