"""What is agreed about an incident: where it is hosted, and which parts of its address may be shared."""
