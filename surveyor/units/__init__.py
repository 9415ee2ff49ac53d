"""Organisation units as versions: the tree as of a date, moves, merges and splits."""
