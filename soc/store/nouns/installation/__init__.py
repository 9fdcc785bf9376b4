"""The installation itself: its audit, processes, small facts, kept requests."""
