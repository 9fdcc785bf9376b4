"""What the shapes of texts are made with: their numbers, byte by byte, and what was found in a shape before."""
