"""The databank: every table of the study in one DuckDB file that holds keys, references and rules by itself."""

from studie.data.databank.building import Built, build
from studie.data.databank.exporting import FORMATS, Exported, export
from studie.data.databank.location import path, snapshots
from studie.data.databank.reading import PERSON_ROWS, connect, query

__all__ = ["FORMATS", "PERSON_ROWS", "Built", "Exported", "build", "connect", "export", "path", "query", "snapshots"]
