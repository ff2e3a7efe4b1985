"""Benchmark of a hundred thousand open chases: one scheduled run, and the pages that list what is due."""
