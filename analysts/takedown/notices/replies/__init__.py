"""Replies of recipients through the link in a notice."""
