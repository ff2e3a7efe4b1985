"""Requests to a second operator, and the frame of the operators' pages."""
