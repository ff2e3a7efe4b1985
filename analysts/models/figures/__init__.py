"""Daily figures and closed periods."""
