"""COCO's annotations: one JSON file with lists of images, categories and boxes in pixels."""

from __future__ import annotations

from typing import Any

from pydantic_core import from_json

from core.data.collect.imports.marks import Box, Entry, Marks
from core.data.collect.imports.names import Parts, Refusal

_LISTS = ("images", "annotations", "categories")


def entries(data: bytes, folder: Parts) -> list[Entry]:
    """What the file, which lies in `folder`, says of each image; nothing where it is no COCO file. Raises Refusal
    where it is one that can't be understood."""
    try:
        content = from_json(data, allow_inf_nan=False)
    except ValueError:
        return []
    if not isinstance(content, dict) or not all(isinstance(content.get(name), list) for name in _LISTS):
        return []
    try:
        return _entries(content, folder)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise Refusal("its images, annotations or categories are not as COCO has them") from None


def _entries(content: dict[str, Any], folder: Parts) -> list[Entry]:
    names = {item["id"]: str(item["name"]) for item in content["categories"]}
    found: dict[Any, Entry] = {}
    for image in content["images"]:
        size = int(image.get("width") or 0), int(image.get("height") or 0)
        file = tuple(part for part in image["file_name"].replace("\\", "/").split("/") if part not in ("", "."))
        if file:
            found[image["id"]] = Entry(folder, file, Marks(size=size if min(size) > 0 else None))
    for item in content["annotations"]:
        if (own := found.get(item["image_id"])) and item.get("bbox"):
            x, y, width, height = (float(value) for value in item["bbox"])
            own.marks.boxes.append(Box(names.get(item["category_id"], "no category"), x, y, width, height))
    return list(found.values())
