"""Surveys and waves: audience, thresholds, launch manifest."""
