"""Pure statistics and disclosure control: arrays in, frozen dataclasses out; knows nothing of the house."""
