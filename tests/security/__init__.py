"""Attacks across rooms; README.md says which test shows which property."""
