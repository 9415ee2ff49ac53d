"""Instruments: items, scales and routing; a questionnaire in draft, an instrument version when frozen."""
