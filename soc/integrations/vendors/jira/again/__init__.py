"""A ticket that is asked for again, or may have been opened twice."""
