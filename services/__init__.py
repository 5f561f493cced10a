"""What people and the clock may ask for: load, decide, record."""
