"""`soc process`: what is read, whom it is told to, and how the batch went."""
