"""`soc sla …`: policies, and the clocks of tickets."""
