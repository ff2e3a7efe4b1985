"""Where an incident goes, and what the police say first."""
