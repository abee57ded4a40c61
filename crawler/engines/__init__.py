"""Many machines, on an engine that exists: ``--engine dask://scheduler:8786``.

The unit is a portal: a task names one portal (or a few), its worker crawls it in a process of its own and gives back the
run summary. Nothing but text crosses the engine: tasks and answers are JSON, credentials stay where they are.

    naming      dask://HOST:PORT?portals=N → Engine
    on_dask     Dask: the one module that imports it, and what a worker does with a task
    child       the process a worker starts for a task; ends with the worker
    tasks       what a task says and where it may be done
    handing     who is handed what, again where a worker was lost: the caller's loop
    crawling, rereading      the two jobs, from call to one merged summary

That a portal is asked by one crawl at a time is no promise of an engine: it cannot know whether a worker it has lost goes
on. It is the archive's, by its leases (``storage.leases``).
"""

from crawler.engines.naming import Engine, named

__all__ = ["Engine", "named"]
