"""The practice webhook receiver."""
