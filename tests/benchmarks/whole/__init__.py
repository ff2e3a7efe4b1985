"""Everything at once, at years of incidents: `python -m tests.benchmarks.whole`."""
