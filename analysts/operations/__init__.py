"""The operations page and its signals: what an administrator must see before it breaks."""
