"""How a kind of log is recognised, read and mapped to ECS."""
