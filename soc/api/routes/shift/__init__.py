"""What a shift is told by: the figures, and the hand-over."""
