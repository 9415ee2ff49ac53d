"""Form cases: assignment, workflow, evidence, deviations and actions."""
