"""What stands between the spider and the portals.

``hosts``     only hosts of the registry, no private addresses
``robots``    robots.txt per host and scheme, Crawl-delay
``refusals``  block pages and failures get their names; what passes is asked again, politely
``redirect``  redirects, each hop through the same checks
"""
