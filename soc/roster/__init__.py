"""The roster at work: shifts and absences changed, who is there now, who gets a ticket, and what one person hands to another."""
