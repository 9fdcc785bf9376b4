"""What pages are drawn with: tables, charts, badges, links, buttons that act once."""
