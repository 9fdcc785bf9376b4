"""What a test of a connection says: an incident that never was, and what a vendor's answer means."""
