"""Reports from the systems of partner organisations, on a surface of its own (docs/guides/sources.md)."""
