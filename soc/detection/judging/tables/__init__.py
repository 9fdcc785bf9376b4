"""Tables and words that verdicts on fields rest on: data with the little that reads it."""
