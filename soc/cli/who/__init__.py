"""`soc people`, `soc keys` and `soc audit`: who works here, who may ask, and who did what."""
