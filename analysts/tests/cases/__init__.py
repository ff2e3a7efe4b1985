"""Rows that the database accepts, and rows that violate each constraint."""
