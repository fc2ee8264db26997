"""Exporter `deputatie`: an executed notebook as the accessible PDF, from `jupyter nbconvert` or Lab's own menu."""

from __future__ import annotations

import ast
import datetime as dt
import logging
import os
import time
from typing import Any

import nbformat
from nbconvert.exporters import Exporter

from studie import __version__, regions
from studie.config import REFERENCE_DATE, read_config
from studie.errors import StudieError
from studie.report import assemble, pdf

LOG = logging.getLogger(__name__)
UNNAMED = "Gebied niet genoemd"


class DeputatieExporter(Exporter):
    """One executed chapter as a report with cover, page at a glance, chapter, reading guide and annexes."""

    export_from_notebook = "Deputatie"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        """Suffix of the file that is made."""
        return ".pdf"

    def from_notebook_node(  # type: ignore[override]
        self, nb: nbformat.NotebookNode, resources: Any = None, **kwargs: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """PDF of an executed notebook.

        Parameters
        ----------
        nb : NotebookNode
            Executed; it is not run here.
        resources : dict, optional
            As nbconvert hands it on.

        Returns
        -------
        tuple of bytes and dict
            The PDF, and the resources with the end of its file name: `-demonstratie.pdf` when demonstration data
            are inside.

        Notes
        -----
        What a reader of the PDF would miss (alternative text, headings, sources) is logged, one warning per line.
        `SOURCE_DATE_EPOCH` fixes the moment of making; without it, it is now.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        timestamp = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
        document, _, statuses, warnings = assemble.rendered([notebook], cover=cover_of(notebook), timestamp=timestamp)
        for warning in warnings:
            LOG.warning("deputatie: %s", warning)
        # An `output_suffix` would be dropped by --output and by Lab; this one stands in every file name.
        resources["output_extension"] = pdf.name_suffix(statuses)
        resources.setdefault("outputs", {})
        return document, resources


def parameters_of(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """Literals of the cells tagged `parameters` and `injected-parameters`; the injected ones win."""
    found: dict[str, Any] = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in notebook.cells:
            if tag in cell.get("metadata", {}).get("tags", []):
                found |= _literals(cell.source)
    return found


def _literals(source: str) -> dict[str, Any]:
    """Names that a piece of code binds to a literal; nothing when it is not Python."""
    found: dict[str, Any] = {}
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return found
    for statement in statements:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else getattr(statement, "target", None)
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
            found[target.id] = value.value
    return found


def cover_of(notebook: nbformat.NotebookNode) -> assemble.Cover:
    """Front page for a single notebook: the region of its parameters, the version of the configuration."""
    parameters = parameters_of(notebook)
    return assemble.Cover(
        kind="Regionaal rapport",
        region_name=_title(str(parameters.get("region") or UNNAMED)),
        reference_date=_date(parameters.get("reference_date")),
        version=_version(parameters.get("config")),
    )


def _title(region: str) -> str:
    """Name of a region with its kind in front, as in a run; other text as it is."""
    try:
        title = regions.region(region).title
    except StudieError:
        return region
    return title[:1].upper() + title[1:]


def _date(given: Any) -> str:
    """ISO date of the parameters, else the study's own reference date."""
    try:
        return dt.date.fromisoformat(str(given)).isoformat()
    except ValueError:
        return REFERENCE_DATE


def _version(config: Any) -> str:
    """Version in the configuration; that of the package outside a checkout."""
    try:
        return read_config(str(config or "study")).report.versie
    except StudieError:
        return __version__
