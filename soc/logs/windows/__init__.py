"""Windows events: what their numbers mean in ECS' words, and which of their data is which field."""
