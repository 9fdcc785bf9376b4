"""What a record's sender thinks of it: signs of a detection, what is everyday, scales of severity."""
