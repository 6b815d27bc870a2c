"""A network's parts in words, and a residual block as a graph in DOT, which the browser draws."""

from __future__ import annotations

from typing import Any

# Light enough for black words, in either theme.
_FILLS = {"trained": "#F5CBA0", "frozen": "#BFDCEB", "": "#E6E6E6"}
_LINES = "#888888"


def training(part: dict[str, Any]) -> str:
    """What training does to a stage or layer: "trained", "frozen", "partly trained", or nothing without parameters."""
    if not part["parameters"]:
        return ""
    if part["trained"] in (0, part["parameters"]):
        return "trained" if part["trained"] else "frozen"
    return "partly trained"


def block(found: dict[str, Any]) -> str:
    """The graph of a Block of core.networks.layers, as JSON holds it: a box per step, filled by what is trained."""
    nodes = [
        f'  {number} [label="{_label(node)}", fillcolor="{_FILLS[node["state"]]}"]'
        for number, node in enumerate(found["nodes"])
    ]
    places = {node["name"]: number for number, node in enumerate(found["nodes"])}
    edges = [f"  {places[before]} -> {places[node['name']]}" for node in found["nodes"] for before in node["takes"]]
    style = f'shape=box, style="filled,rounded", color="{_LINES}", fontname="sans-serif", fontsize=11'
    head = f'  bgcolor="transparent"\n  node [{style}]\n  edge [color="{_LINES}"]'
    return "\n".join(["digraph block {", head, *nodes, *edges, "}"])


def _label(node: dict[str, Any]) -> str:
    state = [node["state"]] if node["state"] else []
    return r"\n".join([*node["lines"], *state])
