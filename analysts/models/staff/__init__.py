"""Accounts of staff, their protection, and alarms to them."""
