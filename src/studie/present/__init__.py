"""How is it shown and said: results become figures, tables and Dutch sentences."""
