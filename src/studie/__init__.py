"""Study of the inclusive economy in the province of Antwerp: from data to a council's report."""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`studie.open_study`, loaded when it is first asked for, so that the command line starts quickly."""
    if name == "open_study":
        from studie.study import open_study

        return open_study
    raise AttributeError(f"module 'studie' has no attribute {name!r}")
