"""The demo municipality Fjordvik: fictional and simulated, loaded through the same services as real data."""
