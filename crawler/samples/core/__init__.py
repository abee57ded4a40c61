"""The demo's portals: four provinces, four families of software, and a department's site that repeats its county's."""
