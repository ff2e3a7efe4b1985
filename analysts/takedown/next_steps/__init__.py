"""The next step of every open illegal incident: derived from the facts, or chosen with a date of review."""
