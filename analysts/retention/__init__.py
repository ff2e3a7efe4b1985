"""Retention, erasure, legal holds and sealing keys."""
