"""The history of a former system: imported once, as what that system said, never as a verdict of this hotline."""
