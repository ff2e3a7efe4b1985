"""Operators' pages, including the admin of portals; never loaded by the public site."""
