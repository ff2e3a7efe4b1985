"""The files of an installation; deploy/README.md describes them."""
