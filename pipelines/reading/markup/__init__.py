"""HTML → items in reading order: lines, tables and pictures of the whole page, with the elements they came from.

One parse and one walk a page. Everything visible becomes part of an item; nothing is judged here except which tables
hold data and which only lay out the page.

    parsing     text → the tree of elements
    walk        the tree → a ``Layout`` of items;  items: what it is made of
    elements    what an element is: in line or a block, shown or hidden
    text        what a reader sees of a line
    bodies      where known portal software puts the article
    tables      which tables hold data;  grids: where their cells stand;  cells: what stands in one
    addresses   where a reference leads
"""

from pipelines.reading.markup.addresses import join
from pipelines.reading.markup.bodies import WEAK_MARKS
from pipelines.reading.markup.elements import UNSEEN, is_hidden
from pipelines.reading.markup.items import Grid, Item, Layout, Line, Picture, blocks_of
from pipelines.reading.markup.parsing import parse
from pipelines.reading.markup.text import EDGE, FIELD, bare, is_prose
from pipelines.reading.markup.walk import layout

__all__ = [
    "EDGE",
    "FIELD",
    "UNSEEN",
    "WEAK_MARKS",
    "Grid",
    "Item",
    "Layout",
    "Line",
    "Picture",
    "bare",
    "blocks_of",
    "is_hidden",
    "is_prose",
    "join",
    "layout",
    "parse",
]
