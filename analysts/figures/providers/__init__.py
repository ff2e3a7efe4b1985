"""Figures of hosting providers: counts, protected sheets and their release."""
