"""The tables of the index."""

from __future__ import annotations

import hashlib

from crawler.web import figures

TABLES = f"""
create table about (name text primary key, value text) without rowid;
create table reports (
    id integer primary key, report_id text not null unique, version integer not null, kind text not null, year integer,
    agency text, publisher text, title text, province text not null, prefecture text not null, division text not null,
    portal text not null, portals text not null, platform text, status text not null, level text not null, url text not null,
    published_on text, printed text, first_seen text not null, version_seen text not null, index_number text,
    document_number text, body_digest text, statistics_digest text, extractor text not null, altered integer not null,
    readable integer not null, checks integer not null, statistics integer not null, bare text, readings text not null
);
create index reports_by_agency on reports (province, division, agency, year);
create index reports_by_name on reports (bare, year) where kind = 'annual_report';
create index reports_by_level on reports (province, level, year) where kind = 'annual_report';
create index reports_by_kind on reports (kind, altered);
create index reports_by_arrival on reports (version_seen desc, report_id);
create index reports_by_facets on reports (province, prefecture, kind);
create index reports_of_kind on reports (kind);
create index reports_of_province on reports (province);
create index reports_of_prefecture on reports (prefecture);
create index reports_of_division on reports (division);
create index reports_of_agency on reports (agency);
create index reports_of_portal on reports (portal);
create index reports_of_platform on reports (platform);
create index reports_of_status on reports (status);
create table bodies (id integer primary key, body blob not null);
create virtual table words using fts5 (text, content='', tokenize='ascii');
insert into words (words, rank) values ('hashsize', 16777216);
create table figures (id integer primary key, {", ".join(f"{column} real" for column in figures.COLUMNS.values())});
create table places (
    id integer primary key, portal text not null, place text not null, url text not null, report_id text, version integer,
    outcome text not null, status integer, first text not null, last text not null, title text, unique (portal, place)
);
create index places_by_address on places (place);
create index places_by_outcome on places (outcome, portal);
create table spans (
    place integer not null, number integer not null, outcome text not null, status integer, report_id text, version integer,
    payload_digest text, index_number text, first text not null, last text not null, looks integer not null,
    primary key (place, number)
) without rowid;
create index spans_by_report on spans (report_id);
create index spans_of_collisions on spans (index_number) where outcome = 'collision';
create table agencies (
    id integer primary key, province text not null, division text not null, agency text not null, portals text not null,
    complete text, cells text not null, unique (province, division, agency)
);
create table cells (
    agency integer not null, province text not null, division text not null, year integer not null, mark text not null,
    states text not null, primary key (agency, year)
) without rowid;
create index cells_by_province on cells (province, year, mark);
create table runs (run text primary key, started text, finished text, summary text not null) without rowid;
create table outcomes (
    portal text not null, run text not null, status text not null, reason text, counts text not null,
    primary key (portal, run)
) without rowid;
create index outcomes_by_run on outcomes (run);
create table touched (report_id text primary key, version integer not null) without rowid;
create table affected (province text, division text, agency text, primary key (province, division, agency)) without rowid;
"""  # noqa: S608 — our own names
MADE_BY = 3  # raised where the same tables are filled otherwise than before
SCHEMA = f"{MADE_BY}-{hashlib.sha256(TABLES.encode()).hexdigest()[:12]}"
