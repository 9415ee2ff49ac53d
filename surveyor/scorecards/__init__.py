"""Balanced scorecards: perspectives, goals, targets, bands, approval, comparison."""
