"""What formats are made of: the declaration, finding on a sample, expressions, and reading headers from bytes."""
