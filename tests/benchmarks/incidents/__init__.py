"""The cost of staff pages, actions and claims with years of incidents: `python -m tests.benchmarks.incidents`."""
