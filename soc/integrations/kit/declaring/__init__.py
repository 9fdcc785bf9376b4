"""Parts of reading and showing declared settings: masks for secrets, names that are nearly right."""
