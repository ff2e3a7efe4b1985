"""The isolated workstation's tool: one file that needs nothing else from this project."""
