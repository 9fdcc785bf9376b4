"""What all integrations share: the base classes, the guarded HTTP client, masking, diagnosis."""
