"""The audit's chain, and the heads that leave it."""
