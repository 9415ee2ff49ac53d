"""Indicator definitions and a value per unit and period, with where it came from."""
