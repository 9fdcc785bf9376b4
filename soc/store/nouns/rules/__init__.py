"""What decides: rules, what they said, what is hidden, what is changed of the ruleset."""
