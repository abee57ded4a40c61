"""KEEP: one archive on a directory or a bucket. These keys, and nothing else, are the archive:

    archive.json                                   the layout's number and its promise
    snapshots/sha256/ab/<payload digest>.warc.gz   one capture as a WARC file of its own; create-only
    reports/ab/<report id>/v000001.json.gz         one version: what was read, from which snapshots; create-only
    readings/ab/<report id>/v000001/<extractor>.json.gz   the version read again by a later extractor; create-only
    index/{url,number,body}/ab/<sha256>/<report>   a pointer from a value to a report; derived, rebuilt byte for byte
    index/{province,report}/ab/<sha256>/<portal>   a pointer to the portals of a province, or where a report was seen; derived
    sightings/<portal>/<run>-000001.jsonl.gz       what a run saw on a portal; create-only
    runs/<run>.json                                the run's summary, written last; create-only
    leases/<portal>/000001.json                    which run is at a portal; gone when it leaves
    jottings/<run>/00.jsonl.gz                     in a bucket, what a run saw and does not say yet; gone with the run
    catalogue/…parquet                             derived, rebuilt at will

What is stored is durable when it is acknowledged, is never overwritten and never deleted (but for what is derived, leases
and jottings), and whatever refers to it is written after it. No writer needs a lock. ``layout`` formats the keys, ``stores``
and ``s3`` keep bytes, ``codec``, ``snapshots`` and ``readings`` turn values into bytes and back, ``archive`` puts them
together, ``sightings`` says what is known of a portal (and ``jottings`` what is not said yet), ``fixity`` checks it all.
"""

from storage.archive import Archive, NoArchive, open_archive
from storage.stores import Missing

__all__ = ["Archive", "Missing", "NoArchive", "open_archive"]
