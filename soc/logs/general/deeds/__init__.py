"""What a record says that somebody did: the name of a deed cut into words, and what was before and after it."""
