"""The database below Django: the embedded server, roles, digests, and the way back to an earlier release."""
