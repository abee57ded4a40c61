# ruff: noqa: E501 - pages as sites serve them, in long lines
"""Pages that are no reports, in the manner of a dozen kinds of site: the article is read, all of it and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from crawler.items import Page
from pipelines.reading import read


@dataclass(frozen=True)
class Other:
    """One page and the paragraphs of its article."""

    name: str
    html: str
    lines: list[str]


MENU = "<ul class=nav><li><a href=/a>首页</a></li><li><a href=/b>要闻</a></li><li><a href=/c>副刊</a></li></ul>"
FOOT = "<div class=foot>版权所有 青禾周刊社 青ICP备00000001号</div>"
RELATED = (
    "<h3>相关阅读</h3><ul><li><a href=/1>石桥镇的木匠铺还开着门</a></li><li><a href=/2>一条河的四十年</a></li></ul>"
)


def html(title: str, body: str) -> str:
    return f"<html><head><meta charset=utf-8><title>{title}</title></head><body>{MENU}{body}{FOOT}</body></html>"


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>" for line in lines)


ENGLISH = [
    "The ferry across the lower Qing has carried farmers and their baskets for longer than anyone in the village can say.",
    "On market days the first boat leaves at four, and by the time the sun is over the dyke the second is already full.",
    "A bridge is to open next spring. The ferryman, who is seventy, says he will keep the boat anyway, for the herons.",
]
ENGLISH_NEWS = Other(
    "english news",
    html(
        "The last ferry on the Qing",
        f"<h1>The last ferry on the Qing</h1><div class=byline>By Our Correspondent</div><div class=story>{paragraphs(ENGLISH)}</div>"
        "<div>Related stories</div><ul><li><a href=/1>Bridge delayed once more</a></li><li><a href=/2>Heron count doubles in a decade</a></li></ul>",
    ),
    ENGLISH,
)

TALE = [
    "石桥镇的豆腐坊每天凌晨两点点灯，磨盘转起来，半条街都听得见。",
    "老板姓闻，手艺是祖上传下来的，到他这里已经是第五代了，他还想再传一代。",
    "儿子在省城读书，假期回来就站在灶台边上，学着看火候，记下每一锅的时辰。",
]
SOURCES = ["<a href=http://a.example/1>豆腐小史</a>", "<a href=http://a.example/2>石磨的做法</a>"]
LINKED_SOURCES = Other(
    "an essay that links its sources between paragraphs",
    html(
        "豆腐坊",
        f"<h1>豆腐坊</h1><div class=article>{paragraphs([TALE[0], SOURCES[0], TALE[1], SOURCES[1], TALE[2]])}</div>",
    ),
    [TALE[0], "豆腐小史", TALE[1], "石磨的做法", TALE[2]],
)
LINKED_HEADINGS = Other(
    "an article whose headings are links",
    html(
        "豆腐坊",
        f"<h1>豆腐坊</h1><div class=article><h2><a href=#a>凌晨</a></h2><p>{TALE[0]}</p><h2><a href=#b>五代人</a></h2><p>{TALE[1]}</p>"
        f"<h2><a href=#c>假期</a></h2><p>{TALE[2]}</p></div>",
    ),
    ["凌晨", TALE[0], "五代人", TALE[1], "假期", TALE[2]],
)

PLACES = ["望江茶楼", "南门面馆", "老槐树下", "渡口鱼庄", "城隍庙口"]
SAID = [
    "临江的位子要早去，茶是本地的炒青，一壶能坐一个下午，老板从不催人。",
    "面是手擀的，浇头只有三样，卖完就关门，中午去已经要排队，值得等。",
    "没有招牌，认树就行，凉粉和酸梅汤都好，夏天的晚上坐满了下棋的人。",
    "鱼是当天的，做法只有清蒸和红烧两种，老板说做多了就都做不好了。",
    "糖糕要趁热吃，刚出锅的时候外面是脆的，放凉了就差得远，别打包。",
]
CARDS = "".join(
    f"<h3>{place}</h3><p>{said}</p><div class=card><a href=/shop/{place}><p class=where>河青县城关 {place}</p><p class=score>评分四点五</p><p class=price>人均三十元</p></a></div>"
    for place, said in zip(PLACES, SAID, strict=True)
)
GUIDE = Other(
    "a guide with a card of links below each place",
    html("河青五处", f"<h1>河青五处</h1><div class=entry>{CARDS}</div>"),
    [
        line
        for place, said in zip(PLACES, SAID, strict=True)
        for line in (place, said, f"河青县城关 {place}", "评分四点五", "人均三十元")
    ][:-3],
)

CONTENTS = [
    "河道与集镇", "青河下游渡口的形成", "闻一舟", "水运衰落以后的石桥镇", "沈小满；顾长风", "手工业", "磨坊账册里的粮价",
    "蒋立春", "木匠铺的学徒制", "何望", "书评", "评《一条河的地方史》", "编辑部", "青河上游植物名录补记一则",
    "作者索引与历年总目", "征稿启事", "本刊地址：河青县南门外街口十二号院青河研究社编辑部",
]  # fmt: skip
JOURNAL = Other(
    "a journal's list of contents, without one sentence",
    html(
        "《青河研究》第2期",
        f"<h3>《青河研究》第2期</h3><div class=detail>{paragraphs(CONTENTS)}</div>",
    ),
    CONTENTS,
)

POEM = ["江上无人问渡", "旧船系在新桥", "芦花白过两岸", "月色照着潮声"]
VERSES = Other(
    "a poem with buttons between its parts",
    html(
        "问渡",
        f"<h1>问渡</h1><div class=poem>{paragraphs(POEM)}<div><a href=/more>更多</a></div><p>{TALE[1]}</p><p>{TALE[2]}</p></div>",
    ),
    [*POEM, *TALE[1:]],
)

TICKER = "".join(
    f"<h3>{name}</h3><b>{value}</b><b>-1.05</b>" for name, value in (("粮价指数", "1,204.33"), ("运价指数", "877.10"))
)
FEED = "".join(
    f"<div><i>某社·{hour}小时前</i><h4><a href=/f{hour}>第{hour}条短讯的标题写在这里</a></h4><p>{TALE[hour % 3]}这是短讯第{hour}条的摘要，点进去才有全文。</p></div>"
    for hour in range(1, 9)
)
SHORT = "青河今晨水位回落到警戒线以下，下游三个渡口已经恢复摆渡，水文站说未来三天没有大雨，堤上的人可以轮换着歇一歇了。"
WIRE = Other(
    "a short despatch between a ticker and an endless feed",
    f"<html><head><meta charset=utf-8><title>青河水位回落 渡口恢复摆渡 - 某某新闻</title></head><body>{MENU}<div>河青市场 将收市，收市时间：4 小时 48 分钟</div>{TICKER}"
    f"<h1>青河水位回落 渡口恢复摆渡</h1><div>{paragraphs([SHORT, TALE[0], TALE[1]])}</div><h2>你可能还想看</h2>{FEED}</body></html>",
    [SHORT, TALE[0], TALE[1]],
)

DATELINE = "《河青晚报》（2024年03月02日 03版）"
PAPER = Other(
    "a newspaper's page with the day of the paper below the text",
    html(
        "豆腐坊",
        f"<h1>豆腐坊</h1><div class=text>{paragraphs([*TALE, DATELINE])}</div><div>未经本报授权，请勿转载。</div>{RELATED}",
    ),
    [*TALE, DATELINE],
)

BLOG = Other(
    "a blog of one box, its lines parted by breaks, with advertisements of links",
    html(
        "豆腐坊",
        f"<h1>豆腐坊</h1><div class=post>{TALE[0]}<br><a href=/ad1>广告夏令营招生，名额不多，先到先得</a><br>然而，<br>{TALE[1]}<br>广告<br>"
        f"<a href=/ad2>三十天学会做一桌好菜，零基础也行</a><br>{TALE[2]}</div>",
    ),
    [TALE[0], "然而，", *TALE[1:]],
)

BETWEEN = Other(
    "recommended reading between two paragraphs",
    html(
        "豆腐坊",
        f"<h1>豆腐坊</h1><div class=article><p>{TALE[0]}</p><p>{TALE[1]}</p><ul><li><a href=/1>石桥镇的木匠铺还开着门</a></li><li><a href=/2>一条河的四十年</a></li>"
        f"<li><a href=/3>渡口搬走以后</a></li></ul><p>{TALE[2]}</p></div>",
    ),
    TALE,
)
CLICK = Other(
    "a call to be clicked between two paragraphs",
    html(
        "豆腐坊",
        f"<h1>豆腐坊</h1><div class=article><p>{TALE[0]}</p><p><a href=/9>点击查看更多图片</a></p><p>{TALE[1]}</p><p>{TALE[2]}</p></div>",
    ),
    TALE,
)

TRADITIONAL = [
    "渡口的老榕樹下，每天傍晚都有人來下棋，棋盤是石頭刻的，棋子磨得發亮。",
    "船家說，橋通了以後坐船的人少了，可是來看榕樹的人多了，生意還過得去。",
    "他打算把舊船修一修，掛上燈籠，夏天的晚上載人到江心去看月亮。",
]
PROMOTED = Other(
    "a page in traditional characters with advertisements",
    html(
        "渡口的榕樹",
        f"<h1>渡口的榕樹</h1><div class=story><p>{TRADITIONAL[0]}</p><div>廣告</div><div><a href=/x>限時優惠，買一送一，今晚截止</a></div>"
        f"<p>{TRADITIONAL[1]}</p><p>{TRADITIONAL[2]}</p></div><div>相關新聞</div><ul><li><a href=/y>江心賞月船票開賣</a></li></ul>",
    ),
    TRADITIONAL,
)

PAGES = [
    ENGLISH_NEWS, LINKED_SOURCES, LINKED_HEADINGS, GUIDE, JOURNAL, VERSES, WIRE, PAPER, BLOG, BETWEEN, CLICK, PROMOTED,
]  # fmt: skip


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case.name)
def test_the_article_is_read_and_nothing_else(case: Other) -> None:
    found = read(Page(url="http://news.example.cn/a/1.html", payload=case.html.encode()))
    assert (found.body or "").split("\n\n") == case.lines
