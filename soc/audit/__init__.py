"""Who did what: which rows say who made them, who changed them last, and which need not."""
