"""Alerts before any verdict: a report says that a child is in danger."""
