"""Where the parts come from: what is pinned, what it is licensed under, what is known to be wrong with it.

Run by `make sbom` and `make audit`; nothing of the site imports it.
"""
