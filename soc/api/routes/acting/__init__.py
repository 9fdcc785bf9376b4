"""What people do to incidents and tickets, and what they note."""
