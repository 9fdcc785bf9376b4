"""Batches with their files, and their templates."""
