"""Both databases as they were at one moment, and back into an empty place; each kind in its own way."""
