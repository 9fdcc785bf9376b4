"""Files whose content was processed before: what is found in them again, and to what it belongs."""
