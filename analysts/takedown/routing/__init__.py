"""Routing of incidents to recipients, and police clearance."""
