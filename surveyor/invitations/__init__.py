"""Whom we ask: sample members, participations, credentials, letters, reminders."""
