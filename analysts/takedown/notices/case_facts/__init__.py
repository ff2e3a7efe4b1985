"""The facts of each address that police forces and hotlines file: an attachment in the language of the letter."""
