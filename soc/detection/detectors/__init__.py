"""What many lines must do to mean something."""
