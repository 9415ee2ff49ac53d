"""Questionnaires (drafts) and instruments (frozen versions); XLSForm in."""
