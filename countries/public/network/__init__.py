"""The pages of the network as a whole: the list of portals, its map, and the search for a country."""
