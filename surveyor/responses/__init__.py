"""Sealed envelopes, openings and answer sets; knows no person."""
