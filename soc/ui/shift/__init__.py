"""The Hand-over page's parts: what the next shift has to know, what is written of each incident, giving and taking."""
