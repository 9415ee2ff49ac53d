"""Disclosure control on a tree of units: who is too small, and who must be hidden to protect them."""
