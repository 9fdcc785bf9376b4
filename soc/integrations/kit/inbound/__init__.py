"""What comes from vendors to us: calls that prove themselves, connections that they call through, people who act there."""
