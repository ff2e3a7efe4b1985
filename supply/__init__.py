"""The dependencies: their pins, their licences, and their known flaws.

Run by `make sbom`, `make audit` and `make release`; nothing of the site imports it.
"""
