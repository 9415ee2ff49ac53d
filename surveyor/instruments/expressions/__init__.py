"""XLSForm expressions: tokens, syntax tree, evaluation checks made at import; bounded in depth and steps."""
