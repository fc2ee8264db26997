"""Writes the tables of `docs/data.md` from the contracts: `python scripts/data_page.py`."""

from __future__ import annotations

from pathlib import Path

from studie.data.definitions import CONTRACTS, Column, Contract

PAGE = Path(__file__).resolve().parents[1] / "docs" / "data.md"
START, END = "<!-- contracts: written by scripts/data_page.py -->", "<!-- end of contracts -->"
KINDS = {"text": "text", "whole": "whole number", "number": "number", "yes_no": "true/false", "date": "date"}
PERSONS = {
    "none": "",
    "counts": " Counts persons.",
    "rows": " A row is about one person: rows never leave the databank, only counts that the disclosure rules allow.",
}


def value_rule(column: Column) -> str:
    """What a column may hold, in words."""
    if column.allowed:
        return ", ".join(f"`{word}`" for word in column.allowed)
    if column.of:
        return {"region": "region code", "refnis": "municipality of the province"}[column.of]
    if column.pattern:
        return column.rule
    bounds = [f"at least {column.least:g}" if column.least is not None else ""]
    bounds.append(f"at most {column.most:g}" if column.most is not None else "")
    return ", ".join(bound for bound in bounds if bound)


def section(contract: Contract) -> str:
    """One table of the page."""
    lines = [f"### `{contract.name}`", "", f"{contract.title}. Key: {', '.join(f'`{k}`' for k in contract.key)}."]
    if contract.demonstrated:
        lines[-1] += " Demonstration data hold rows of it."
    for reference in contract.references:
        parents = " or ".join(f"`{table}` ({', '.join(columns)})" for table, columns in reference.parents)
        lines[-1] += f" {', '.join(f'`{c}`' for c in reference.columns)} must stand in {parents}."
    lines[-1] += PERSONS[contract.persons]
    for low, high in contract.ordered:
        lines[-1] += f" `{low}` never exceeds `{high}`."
    lines += ["", "| column | kind | unit | may be empty | allowed | holds |", "|---|---|---|---|---|---|"]
    for c in contract.columns:
        empty = "no" if c.required else "yes"
        empty += f"; may be left out: `{c.default or 'empty'}`" if c.default is not None else ""
        about = c.about.replace("|", "\\|")
        lines.append(f"| `{c.name}` | {KINDS[c.kind]} | {c.unit} | {empty} | {value_rule(c)} | {about} |")
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with its tables written anew."""
    head, rest = text.split(START)
    tail = rest.split(END)[1]
    sections = "\n\n".join(section(contract) for contract in CONTRACTS.values())
    return f"{head}{START}\n\n{sections}\n\n{END}{tail}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
