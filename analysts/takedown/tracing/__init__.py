"""Hosting traces: recording where an incident is hosted."""
