"""Lines that differ only in their numbers are judged once, and what was said of one is said of each of them."""
