"""Interface texts: the public texts of the product, and approved translations laid over the shipped catalogues."""
