"""The project's side of a ticket: its issue types, the create screen, and values in the form that each field has."""
