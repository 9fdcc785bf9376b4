"""Forms, most of them made from a config model."""
