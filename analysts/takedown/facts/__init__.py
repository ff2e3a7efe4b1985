"""Facts about an incident: its agreed hosting, and which parts of its address may be shared."""
