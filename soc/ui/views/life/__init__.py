"""An incident's life on the page: the first screen of a shift, acts, notes, whose work a list shows."""
