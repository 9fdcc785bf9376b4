"""Sessions: near-identical lines that follow each other, over all blocks of a batch."""
