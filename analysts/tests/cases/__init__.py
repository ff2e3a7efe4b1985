"""Rows that the database takes, and rows that it refuses, by constraint."""
