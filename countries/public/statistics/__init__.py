"""The published statistics: pages, open data, and the periods held in memory."""
