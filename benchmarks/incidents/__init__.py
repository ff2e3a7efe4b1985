"""What pages, verbs and claims of the staff's side cost over years of incidents: `python -m benchmarks.incidents`."""
