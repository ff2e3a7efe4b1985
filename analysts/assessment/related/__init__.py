"""Incidents that share something, and merging them."""
