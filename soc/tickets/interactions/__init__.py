"""What people do at a vendor that answers back: kept first, then worked on by the engine, each once."""
