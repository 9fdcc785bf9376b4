"""How tickets are found: by the search, and by their keys where it lags."""
