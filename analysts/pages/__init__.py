"""The staff pages, composed of the rooms' parts. Only `demonstration` imports this package."""
