"""Queue rows written in the caller's transaction and run by the worker."""
