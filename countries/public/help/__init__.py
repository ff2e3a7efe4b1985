"""The help pages of portals: situations, their contacts and services, and one short page for each."""
