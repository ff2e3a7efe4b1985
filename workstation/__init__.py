"""What goes to the isolated workstation: one file, which needs nothing else of this project."""
