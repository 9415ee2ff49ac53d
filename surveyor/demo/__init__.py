"""The demo municipality Fjordvik: fictional, simulated, loaded through the same services as the real thing."""
