"""Law in letters: grounds and duties by country, and the status of the legal entity that sends them."""
