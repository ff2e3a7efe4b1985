"""Systemic cases: incidents on which the hotline should have acted and could not, answered by senior analysts."""
