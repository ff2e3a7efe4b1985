"""Contacts, partners and help services, and when each was last checked."""
