"""A figure's SVG inside a web page: names of its own, read as one image, nothing that runs or comes from elsewhere."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

SVG, XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
HREF = (f"{{{XLINK}}}href", "href")
LEFT_OUT = {f"{{{SVG}}}{name}" for name in ("metadata", "script", "foreignObject", "style", "title", "desc")}
OWN_PICTURE = re.compile(r"data:image/(png|jpeg);base64,", re.IGNORECASE)
POINTS_TO = re.compile(r"url\(\s*['\"]?#([^'\")]+)['\"]?\s*\)")

ElementTree.register_namespace("", SVG)
ElementTree.register_namespace("xlink", XLINK)


def inline(svg: str | None, *, key: str) -> Any:
    """SVG for a web page; None when there is none or it is broken.

    Parameters
    ----------
    svg : str or None
        As a chapter or a user's notebook drew it.
    key : str
        What names in this drawing begin with; the text that describes it has the id `<key>-tekst`.

    Notes
    -----
    Names that nothing points to go, since matplotlib gives every drawing the same. Scripts, handlers, styles that would
    reach outside the drawing, and pictures or links from elsewhere go too.
    """
    from markupsafe import Markup

    try:
        root = ElementTree.fromstring(svg or "")
    except ElementTree.ParseError:
        return None
    if root.tag != f"{{{SVG}}}svg":
        return None
    _cleaned(root)
    _renamed(root, key)
    for size in ("width", "height"):
        root.attrib.pop(size, None)
    root.attrib |= {"role": "img", "aria-labelledby": f"{key}-tekst", "focusable": "false"}
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _cleaned(root: ElementTree.Element) -> None:
    """Take out what runs, what reaches outside, and what a reader would hear twice."""
    for parent in list(root.iter()):
        for child in [c for c in parent if c.tag in LEFT_OUT]:
            parent.remove(child)
    for element in root.iter():
        for name in list(element.attrib):
            value = element.attrib[name]
            foreign = name in HREF and not value.startswith("#") and not OWN_PICTURE.match(value)
            if foreign or name.lower().startswith("on"):
                del element.attrib[name]


def _renamed(root: ElementTree.Element, key: str) -> None:
    """Give every name that something points to the key in front, and drop the others."""
    pointed = {
        target
        for element in root.iter()
        for name, value in element.attrib.items()
        for target in ([value[1:]] if name in HREF and value.startswith("#") else POINTS_TO.findall(value))
    }
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            if name == "id":
                if value in pointed:
                    element.attrib[name] = f"{key}-{value}"
                else:
                    del element.attrib[name]
            elif name in HREF and value.startswith("#"):
                element.attrib[name] = f"#{key}-{value[1:]}"
            else:
                element.attrib[name] = POINTS_TO.sub(rf"url(#{key}-\1)", value)
