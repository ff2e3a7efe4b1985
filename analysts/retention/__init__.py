"""What is kept, what is erased, and the keys."""
