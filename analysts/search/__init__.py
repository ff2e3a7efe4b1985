"""Finding an incident again: the search box on every page of analysts, and incidents by their number."""
