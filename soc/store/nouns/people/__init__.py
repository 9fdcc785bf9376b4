"""Who works here, who signs in, with which key, and who is on duty."""
