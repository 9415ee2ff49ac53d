"""Free text: what may name somebody, what a moderator decides, and which themes there are."""
