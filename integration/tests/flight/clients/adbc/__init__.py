"""What Python programs do with the ADBC driver, by topic."""
