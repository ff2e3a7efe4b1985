"""The site to compare with: the same form, written with plain `startproject`. Nothing of the project is imported."""
