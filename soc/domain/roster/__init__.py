"""Who is at work when, and who gets a ticket: shifts, absences, assignment. Pure."""
