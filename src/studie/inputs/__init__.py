"""What a result rests on: the modules whose code can run, and what was read of data and configuration."""
