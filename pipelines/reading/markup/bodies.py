"""The elements in which known portal software puts the article."""

from __future__ import annotations

from collections.abc import Mapping

from lxml.html import HtmlElement

# §4.11 of the field notes: where known portal software puts the article, the surest first.
BODY_IDS = (
    "ucap-content", "ucapcontent", "zoom", "zoomcon", "ivs_content", "newscontent", "news_content", "fontzoom",
    "mycontent", "articlecontent", "article_content", "article-content", "textcontent", "contenttext", "detailcontent",
    "info_content", "infocontent", "xxgk_content", "js_content", "printcontent", "content_body", "cont_content",
    "printarea", "article", "content", "main-content", "maincontent",
)  # fmt: skip
BODY_CLASSES = (
    "trs_editor_view", "trs_ueditor", "trs_editor", "v_news_content", "article-content", "article_content",
    "ucapcontent",
    "bt_content", "bt-content", "content_body", "xxgk-content", "xxgk_content", "xxgkcontent", "zwnr", "main-txt",
    "detail-content", "zfxxgk_zw_content", "zfxxgk_content", "article-box", "biaobody", "wp_articlecontent", "xl_con",
    "zoomcon", "tyxxy_main", "news_cont_d_wrap", "bt-article-y", "artile_zw", "article-con", "article_con",
    "news_content", "newscontent", "info-content", "j-fontcontent", "pages_content", "txt_txt", "gp-article",
    "detail_content", "text_content", "con_text", "view", "article", "content",
)  # fmt: skip
_ID_RANK = {name: rank for rank, name in enumerate(BODY_IDS)}
_CLASS_RANK = {name: rank for rank, name in enumerate(BODY_CLASSES)}
WEAK_MARKS = frozenset({"article", "content", "main-content", "maincontent", "view", "printarea", "text_content"})


def body_mark(tag: str, attributes: Mapping[str, str]) -> tuple[int, str] | None:
    """(rank, what marks it) of an element that is a known container of articles."""
    if tag == "ucapcontent":
        return 0, "ucapcontent"
    ident, classes = attributes.get("id", ""), attributes.get("class", "")
    if ident:
        ident = ident.strip().lower()
    names = classes.lower().split() if classes else []
    if not ident and not names:
        return (tag == "article" and (90, "article")) or None
    if not (ident in _ID_RANK or ident.startswith("vsb_content")) and _CLASS_RANK.keys().isdisjoint(names):
        return None
    ranks = []
    if ident in _ID_RANK:
        ranks.append((_ID_RANK[ident] + (50 if ident in WEAK_MARKS else 0), "#" + ident))
    elif ident.startswith("vsb_content"):
        ranks.append((1, "#" + ident))
    ranks.extend(
        (_CLASS_RANK[name] + (50 if name in WEAK_MARKS else 0), "." + name) for name in names if name in _CLASS_RANK
    )
    return min(ranks) if ranks else None


def holds_body(table: HtmlElement) -> bool:
    """Whether a known body container stands inside a table."""
    for node in table.iter("div", "td", "ucapcontent"):
        ident, names = node.get("id"), node.get("class")
        if ident:
            ident = ident.lower()
            if ident.startswith("vsb_content") or (ident in _ID_RANK and ident not in WEAK_MARKS):
                return True
        if names and any(name in _CLASS_RANK and name not in WEAK_MARKS for name in names.lower().split()):
            return True
    return False
