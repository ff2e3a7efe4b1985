"""The list of live addresses, and the feed that members fetch."""
