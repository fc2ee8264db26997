"""Papermill engine whose kernels are forked, for anybody's notebooks; papermill alone imports this module."""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine  # papermill loads its engines while this is all that it has defined

from studie.batch.managers import ForkedKernel


class FastEngine(NBClientEngine):
    """Executes a notebook in a forked kernel: `papermill in.ipynb out.ipynb --engine studie-fast`.

    The imports are done once per process that runs papermill: it pays from the second notebook on.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Execute a notebook."""
        options.setdefault("kernel_manager_class", ForkedKernel)
        return super().execute_managed_notebook(nb_man, kernel_name, **options)
