"""What becomes of a batch: who is told of which incident, and what waits."""
