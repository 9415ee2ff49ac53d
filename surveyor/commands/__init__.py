"""The command line, one module a room: parse, open a unit of work, call one service."""
