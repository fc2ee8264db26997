"""Study of the inclusive economy in the province of Antwerp: from data to a council's report."""

__version__ = "0.1.0"
