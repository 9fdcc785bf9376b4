"""What nights of our own are made of: ordinary noise, look-alikes, and the attacks that lie among them."""
