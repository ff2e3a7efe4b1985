"""Languages, the interface texts that all portals share, and words of crisis."""
