"""The outbox ledger: the intent is committed before a byte leaves, and no outcome is ever guessed."""
