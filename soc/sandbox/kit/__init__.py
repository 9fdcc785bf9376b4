"""What the practice vendors share: the declaration of one, its memory and journal, HTML for the console."""
