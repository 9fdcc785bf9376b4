"""What happens to issues of the practice Jira after they were created, who did it, and who is told."""
