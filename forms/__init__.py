"""WTForms: they bind and validate; our own macros render."""
