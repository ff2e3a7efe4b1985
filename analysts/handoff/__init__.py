"""What is carried to the isolated workstation and back, signed."""
