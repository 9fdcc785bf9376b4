"""The console of the practice vendors, for a person with a browser."""
