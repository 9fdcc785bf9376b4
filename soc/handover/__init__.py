"""The change of a shift: what the next one has to know, as a page, a file and a post; given, accepted, taken over."""
