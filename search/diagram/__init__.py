"""Diagrams of an architecture: a picture in SVG, and boxes in the terminal; both draw the same description."""

from search.diagram.svg import svg_diagram
from search.diagram.terminal import print_diagram

__all__ = ["print_diagram", "svg_diagram"]
