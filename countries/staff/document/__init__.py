"""A portal as one document: its fields, export and import, differences and history."""
