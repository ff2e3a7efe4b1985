"""The isolated workstation's tools, which run without the project: Python and `cryptography` are enough."""
