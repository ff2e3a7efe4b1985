"""The operators' pages beside the admin's own; never loaded on the public surface."""
