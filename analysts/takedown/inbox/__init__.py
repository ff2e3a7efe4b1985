"""The inbox of a verified recipient: what was referred to it, opened, answered and exported by its own accounts."""
