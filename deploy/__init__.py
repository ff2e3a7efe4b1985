"""What an installation is made of; deploy/README.md says what is what."""
