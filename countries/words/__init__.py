"""Interface texts: the public texts of the product, and their approved translations laid over the shipped catalogues."""
