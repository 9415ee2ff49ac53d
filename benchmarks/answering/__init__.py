"""Completed responses a second: Surveyor's answering pages against a bare Flask and sqlite3 app."""
