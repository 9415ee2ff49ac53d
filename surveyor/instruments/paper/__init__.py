"""The questionnaire on paper: numbered questions, keys to key answers by, conditions in words, a PDF."""
