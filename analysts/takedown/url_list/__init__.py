"""The URL list of online illegal content, and the feed that members fetch."""
