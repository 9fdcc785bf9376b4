"""Who may do what: API keys and their scopes. Who did what is the actor that every write keeps (`soc.domain.actor`)."""
