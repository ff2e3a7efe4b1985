"""Signed files and sealed batches to and from the isolated workstation."""
