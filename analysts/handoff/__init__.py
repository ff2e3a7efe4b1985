"""Signed files to and from the isolated workstation."""
