"""What is usual elsewhere: benchmarks out of several organisations, read from a file."""
