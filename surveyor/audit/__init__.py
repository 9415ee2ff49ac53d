"""Who did what: one entry per change, append-only, never one for an anonymous respondent."""
