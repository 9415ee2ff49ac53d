"""Pages: one module a room and one per audience; load, check, act, then redirect or render."""
