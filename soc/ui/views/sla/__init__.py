"""SLA as pages show it: the clocks of a ticket, and the policies."""
