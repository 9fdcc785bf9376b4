"""What the pages that set something up are made of, beside each page's own view."""
