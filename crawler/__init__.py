"""RUN: the words (items, errors, urls), settings, middlewares, extensions and the ``nianbao`` command line.

================  ==================================================================
``items``         the vocabulary, frozen dataclasses; the floor of the house
``errors``        the error families
``urls``          which addresses are the same
``forms``         the statutory forms' rows and columns
================  ==================================================================
"""

__version__ = "0.1.0"
