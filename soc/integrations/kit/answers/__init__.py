"""What vendors answer: how their JSON is read, and when they want to be asked again."""
