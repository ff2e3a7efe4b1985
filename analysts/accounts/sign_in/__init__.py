"""Signing in: passwords, second factors, and delays after failures."""
