"""Formulas read aloud in Dutch: the alternative text of a formula that came without one."""

from __future__ import annotations

import re

GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
WORDS = {
    **{f"\\{name}": name for name in GREEK},
    **{f"\\{name.capitalize()}": f"hoofdletter {name}" for name in GREEK},
    "\\varepsilon": "epsilon",
    "\\le": "is hoogstens",
    "\\leq": "is hoogstens",
    "\\ge": "is minstens",
    "\\geq": "is minstens",
    "\\ne": "is niet gelijk aan",
    "\\neq": "is niet gelijk aan",
    "\\approx": "is ongeveer",
    "\\sim": "is verdeeld als",
    "\\in": "in",
    "\\to": "naar",
    "\\rightarrow": "naar",
    "\\times": "maal",
    "\\cdot": "maal",
    "\\pm": "plus of min",
    "\\sum": "de som",
    "\\prod": "het product",
    "\\int": "de integraal",
    "\\log": "de logaritme van",
    "\\ln": "de natuurlijke logaritme van",
    "\\exp": "e tot de macht",
    "\\max": "het maximum van",
    "\\min": "het minimum van",
    "\\infty": "oneindig",
    "\\ldots": "enzovoort",
    "\\dots": "enzovoort",
    "\\cdots": "enzovoort",
    "\\mid": "gegeven",
    "\\%": "procent",
    "=": "is",
    "+": "plus",
    "-": "min",
    "*": "maal",
    "/": "gedeeld door",
    "<": "is kleiner dan",
    ">": "is groter dan",
    "|": "gegeven",
    "!": "faculteit",
    "'": "accent",
    "_": "index",
    "^": "tot de macht",
}
MODIFIERS = {"\\hat": "hoedje", "\\bar": "gemiddeld", "\\tilde": "golfje", "\\dot": "punt", "\\sqrt": "wortel van"}
PLAIN = {"\\mathrm", "\\text", "\\mathbf", "\\operatorname", "\\mathit", "\\mathcal", "\\boldsymbol", "\\mathbb"}
SILENT = {
    "\\left",
    "\\right",
    "\\,",
    "\\;",
    "\\:",
    "\\!",
    "\\quad",
    "\\qquad",
    "\\displaystyle",
    "(",
    ")",
    "[",
    "]",
    ",",
    "&",
    "{",
    "}",
}
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[0-9]+(?:[.,][0-9]+)?|[A-Za-z]+|\S")


def _group(tokens: list[str], start: int) -> tuple[list[str], int]:
    """Tokens of the braced group (or single token) at `start`, and where it ends."""
    if start >= len(tokens) or tokens[start] != "{":
        return tokens[start : start + 1], start + 1
    depth = 0
    for end in range(start, len(tokens)):
        depth += (tokens[end] == "{") - (tokens[end] == "}")
        if depth == 0:
            return tokens[start + 1 : end], end + 1
    return tokens[start + 1 :], len(tokens)


def _words(tokens: list[str]) -> list[str] | None:
    """Dutch words of the tokens; None when one is not known."""
    words: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        place += 1
        if token == "\\frac":
            upper, place = _group(tokens, place)
            lower, place = _group(tokens, place)
            parts = (_words(upper), _words(lower))
            if parts[0] is None or parts[1] is None:
                return None
            words += ["de breuk", *parts[0], "gedeeld door", *parts[1]]
        elif token in MODIFIERS:
            inner, place = _group(tokens, place)
            said = _words(inner)
            if said is None:
                return None
            words += [MODIFIERS[token], *said] if token == "\\sqrt" else [*said, MODIFIERS[token]]
        elif token in WORDS:
            words.append(WORDS[token])
        elif token in PLAIN or token in SILENT:
            continue
        elif token.startswith("\\"):
            return None
        else:
            words.append(token)
    return words


def formula(tex: str) -> str | None:
    """Dutch reading of a short TeX formula; None when it holds a command without a reading.

    Parameters
    ----------
    tex : str
        Formula without dollar signs.

    Notes
    -----
    Meant for short formulas in running text. A displayed formula deserves a sentence of its own.
    """
    words = _words(TOKEN.findall(tex))
    return " ".join(words) if words else None
