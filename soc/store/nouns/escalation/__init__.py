"""Chains, plans, steps and what was told."""
