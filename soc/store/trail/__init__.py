"""The audit's chain, the heads that leave it, and what is said of a transaction once it is committed."""
