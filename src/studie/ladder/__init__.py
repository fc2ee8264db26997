"""How do people move on the ladder."""
