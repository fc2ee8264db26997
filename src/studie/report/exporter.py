"""Exporters `deputatie` and `deputatie-web`: a notebook as accessible PDF or web page, from Lab's own menu."""

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
from studie.report import assemble, pdf, webpage
from studie.report.kinds import FICHES

LOG = logging.getLogger(__name__)
UNNAMED = "Gebied niet genoemd"


class _ReportExporter(Exporter):
    """One executed notebook as a report by itself, with what it lacks for its readers at the end and in the log."""

    optimistic_validation = True  # valid once, after all preprocessors, instead of after each

    def draft_of(self, nb: nbformat.NotebookNode, resources: Any, **kwargs: Any) -> tuple[assemble.Draft, Any]:
        """What the report says, and the resources of nbconvert."""
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        name = str((resources.get("metadata") or {}).get("name") or "")
        made = assemble.draft([notebook], cover=cover_of(notebook, name=name), names=[name], alone=True)
        resources.setdefault("outputs", {})
        return made, resources


class DeputatieExporter(_ReportExporter):
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
        What a reader of the PDF would miss (alternative text, headings, sources) is logged, one warning per line, and
        listed on the last page. `SOURCE_DATE_EPOCH` fixes the moment of making; without it, it is now.
        """
        made, resources = self.draft_of(nb, resources, **kwargs)
        timestamp = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
        document, _ = assemble.printed(made, timestamp=timestamp)
        _log(made)
        # An `output_suffix` would be dropped by --output and by Lab; this one stands in every file name.
        resources["output_extension"] = pdf.name_suffix(made.statuses)
        return document, resources


class WebpageExporter(_ReportExporter):
    """The same report as one accessible web page."""

    export_from_notebook = "Deputatie-web"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        """Suffix of the file that is made."""
        return ".html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: nbformat.NotebookNode, resources: Any = None, **kwargs: Any
    ) -> tuple[str, dict[str, Any]]:
        """Web page of an executed notebook; arguments and the name of the file as for the PDF."""
        made, resources = self.draft_of(nb, resources, **kwargs)
        text = webpage.page(made)
        _log(made)
        resources["output_extension"] = pdf.name_suffix(made.statuses, ".html")
        return text, resources


def _log(made: assemble.Draft) -> None:
    """What the author should know, one line each."""
    for warning in dict.fromkeys(made.warnings):
        LOG.warning("deputatie: %s", warning)


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


def cover_of(notebook: nbformat.NotebookNode, *, name: str = "") -> assemble.Cover:
    """Front page for a single notebook: the region of its parameters, the version of the configuration."""
    parameters = parameters_of(notebook)
    return assemble.Cover(
        kind=FICHES.get(name, "Regionaal rapport"),
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
