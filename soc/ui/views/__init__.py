"""Parts of pages, one a subject."""
