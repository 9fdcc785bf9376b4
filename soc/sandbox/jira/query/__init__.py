"""JQL, as far as a ticketing client uses it."""
