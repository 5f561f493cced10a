"""Forms: what a person fills in, made from values and words alone."""
