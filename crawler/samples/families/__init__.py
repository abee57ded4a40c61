"""One small portal for every family of portal software the demo's five do not show.

Each has the addresses, parameters and answers its family is known by, two agencies, and more reports than one page of
its list holds; each can be found from its home page.
"""
