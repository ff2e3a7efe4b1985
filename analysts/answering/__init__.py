"""What addressees answer through the link in their notice."""
