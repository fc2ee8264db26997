"""What do we know and where from: the catalogue of tables, their contracts and the demonstration data."""
