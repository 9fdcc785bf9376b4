"""A backup of the installation while it works, and what puts it back: store, engine, files, heads of the audit, the key's mark."""
