"""Notices to recipients: redaction of addresses, notice texts, sending, and replies."""
