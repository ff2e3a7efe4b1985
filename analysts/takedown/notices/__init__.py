"""What leaves the house: addresses made fit to leave, words, letters, and what became of them."""
