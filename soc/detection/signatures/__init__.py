"""Data: the signatures, context words and vetoes as YAML, one file a family. Read by `signature_files`."""
