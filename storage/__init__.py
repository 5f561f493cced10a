"""Where the records are kept; the one room that speaks SQL."""
