"""ECS fields of lines: what a header or a key gives, what a search in the message finds, and what a value must be."""
