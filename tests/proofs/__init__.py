"""Proofs: what the product promises, tried on a whole installation and printed as figures.

Each runs the shipped configuration (deploy/) on loopback, in a folder of its own, and leaves nothing behind.
`make prove` runs all of them; `python -m tests.proofs NAME` runs one. docs/figures/proof.md shows the last results.
"""
