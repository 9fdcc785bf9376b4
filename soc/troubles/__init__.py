"""What is wrong with the product itself, told over its own channels: never over the one that it is about, and once."""
