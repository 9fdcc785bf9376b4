"""`soc incident …` and `soc ticket …`: what people do to an incident and its tickets, from the shell."""
