"""Pascal VOC's annotations: an XML file per photo, with a box in pixels per object."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from core.data.collect.imports.marks import Box, Marks
from core.data.collect.imports.names import Refusal

# What it may declare, such as entities that grow when they are read, no annotation needs.
_DECLARES = re.compile(r"<!\s*(doctype|entity)", re.IGNORECASE)
_CORNERS = ("xmin", "ymin", "xmax", "ymax")


def marks(text: str) -> Marks:
    """The boxes of a photo and its size. Raises Refusal for what is no annotation of VOC."""
    if _DECLARES.search(text):
        raise Refusal("its XML file declares a document type or entities, which is not read")
    try:
        # As text, so that no encoding that it claims hides what was looked for.
        root = ElementTree.fromstring(text)
        if root.tag != "annotation":
            raise Refusal("its XML file is no annotation of Pascal VOC")
        size = int(root.findtext("size/width", "0")), int(root.findtext("size/height", "0"))
        return Marks([_box(item) for item in root.findall("object")], size=size if min(size) > 0 else None)
    except (ElementTree.ParseError, ValueError, RecursionError) as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal("its XML file can't be understood") from None


def _box(item: ElementTree.Element) -> Box:
    left, top, right, bottom = (float(item.findtext(f"bndbox/{corner}", "")) for corner in _CORNERS)
    return Box(item.findtext("name", "").strip(), left, top, right - left, bottom - top)
