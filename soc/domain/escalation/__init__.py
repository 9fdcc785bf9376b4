"""Who is told before it is too late: chains of steps, when each is due, what is told to whom, where a chain has holes. Pure."""
