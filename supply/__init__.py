"""The dependencies: their pins, their licences, and their known flaws.

Run by `make sbom` and `make audit`; nothing of the site imports it.
"""
