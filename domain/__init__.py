"""The rules of incident swarming: pure functions over frozen values."""
