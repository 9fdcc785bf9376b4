"""What a batch left, read by people and by other tools: its lines, its incidents as a table."""
