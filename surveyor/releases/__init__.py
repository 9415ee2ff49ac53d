"""The gate and what passed it: frozen cells, the only source of every number shown."""
