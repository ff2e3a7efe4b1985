"""What staff pages, verbs and claims cost over years of incidents: `python -m tests.benchmarks.incidents`."""
