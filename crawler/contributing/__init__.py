"""A new portal, from its address to an entry of the registry with saved pages and a test that waits to be reviewed.

acquaintance   looks at the portal as a crawl would, and keeps the few pages that tell what it is
guessing       the portal's name, division and key, each with what it was guessed from
saved          pages in a folder of their own, and what discovery, platform and reader make of them
entry          the registry entry, written behind the others of its province

tests/contributing/portals/<key>/expected.json      where each page came from, what it comes to, ``"reviewed": false``
tests/contributing/portals/<key>/home.html          as it was sent; list-1.html, list-2.html, report-1.html … too
"""
