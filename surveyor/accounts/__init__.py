"""Who signs in, and the roles granted on a unit and what lies below it."""
