"""Numbers that charts, `/metrics` and the API read. Counted in SQL; no drawing here."""
