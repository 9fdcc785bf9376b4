"""What a table of text needs to be read: its columns, its records, what a row says."""
