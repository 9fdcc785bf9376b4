"""Keeping a store in order: rights of its files, what is kept how long, what a backup holds, the engine's tables."""
