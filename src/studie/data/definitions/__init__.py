"""The tables of the study: key, columns, kind, unit, references and what is allowed, in one list."""

from __future__ import annotations

from studie.data.definitions.code_lists import CODE_LISTS
from studie.data.definitions.columns import Column, Contract, Reference
from studie.data.definitions.enterprises import ENTERPRISES
from studie.data.definitions.figures import FIGURES
from studie.data.definitions.finance import FINANCE
from studie.data.definitions.geography import GEOGRAPHY
from studie.data.definitions.labour import LABOUR
from studie.data.definitions.persons import PERSONS
from studie.data.definitions.platform import PLATFORM
from studie.data.definitions.projects import PROJECTS
from studie.data.definitions.registers import REGISTERS

__all__ = ["CONTRACTS", "Column", "Contract", "Reference"]

CONTRACTS: dict[str, Contract] = {
    c.name: c
    for c in (
        *GEOGRAPHY,
        *CODE_LISTS,
        *FIGURES,
        *LABOUR,
        *PERSONS,
        *ENTERPRISES,
        *PROJECTS,
        *REGISTERS,
        *FINANCE,
        *PLATFORM,
    )
}
