"""Portals that misbehave, one way each: what was seen on real sites, and what a crawler must survive.

Every one is the same small site with three reports until its own behaviour begins. ``outcome`` says how its crawl must
end, ``lost`` which of its reports cannot be had.
"""
