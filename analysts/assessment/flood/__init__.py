"""Floods of nearly equal incidents: folding them into one row, and closing them together."""
