"""Columns of text without a Python loop: views into bytes, times, addresses, templates."""
