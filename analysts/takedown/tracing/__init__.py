"""Where an incident is hosted, by what people found out."""
