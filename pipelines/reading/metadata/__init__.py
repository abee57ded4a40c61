"""The metadata block of a page: every printed label and its value, in whatever layout the portal prints them.

A label is taken only where a metadata block can stand: before the report's text, at the head of the article's
container, or close behind the article. ``联系电话：`` or ``来源：`` in the running text is text.

    places      where a block can stand
    lines       labels and values on lines;  pairs: what one line says;  beside: a value in the next element
    tables      blocks in the shape of a table
    bylines     dates without a label;  chrome: lines that are the site's own
    values      what was found
"""

from pipelines.reading.metadata.bylines import is_byline_date, without_date
from pipelines.reading.metadata.chrome import is_footer, is_tools
from pipelines.reading.metadata.places import block_at_end, read_behind, read_metadata
from pipelines.reading.metadata.tables import mark_labelled
from pipelines.reading.metadata.values import Metadata

__all__ = [
    "Metadata",
    "block_at_end",
    "is_byline_date",
    "is_footer",
    "is_tools",
    "mark_labelled",
    "read_behind",
    "read_metadata",
    "without_date",
]
