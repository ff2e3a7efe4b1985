"""Appeals: through the reply page of a notice, or entered by hand."""
