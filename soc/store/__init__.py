"""Tables, migrations, reads by noun, and the vault for secrets. SQLite by default, PostgreSQL by one setting."""
