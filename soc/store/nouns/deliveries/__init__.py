"""Messages on their way, and each try of one."""
