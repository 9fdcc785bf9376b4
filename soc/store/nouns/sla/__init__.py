"""Policies and clocks."""
