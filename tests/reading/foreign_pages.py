# ruff: noqa: E501 - pages as portals serve them, in long lines
"""Pages in the manner of many portals, each with everything a right reading finds on it.

``{body}`` of a page is filled with the report's paragraphs as the portal marks them up (``wrap``), so that the body
expected is exact: whatever chrome leaks in or whatever character gets lost makes it differ.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import quote

from crawler.items import IndexNumberKind, Kind
from pipelines.reading.index_numbers import organisation_check_digit, uscc_check_digit

USCC, ORG9, DIVISION = IndexNumberKind.USCC, IndexNumberKind.ORG9, IndexNumberKind.DIVISION
PLACEHOLDER, OTHER = IndexNumberKind.PLACEHOLDER, IndexNumberKind.OTHER


def organisation(first_eight: str) -> str:
    return f"{first_eight}{organisation_check_digit(first_eight)}"


def credit(division: str, first_eight: str) -> str:
    seventeen = f"11{division}{organisation(first_eight)}"
    return f"{seventeen}{uscc_check_digit(seventeen)}"


OPENING = (
    "本报告由{agency}按照《中华人民共和国政府信息公开条例》编制，所列数据的统计期限自{year}年1月1日起至12月31日止。"
)
HEADS = (
    "一、总体情况", "二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况", "六、其他需要报告的事项",
)  # fmt: skip
TEXTS = (
    "全年公开各类信息3条，比上年多1条；办事指南逐项核对，失效的当日撤下。",
    "规章0件，规范性文件2件。（一）会议纪要随会公开；（二）预算、决算按时公开。",
    "新收申请7件，上年结转1件，办结8件，均在期限内答复。",
    "行政复议1件，结果维持；行政诉讼0件。",
    "问题：个别栏目更新偏慢。改进：①专人负责；②每月通报。",
    "未收取信息处理费。",
)


def prose(agency: str, year: int) -> list[str]:
    lines = [OPENING.format(agency=agency, year=year)]
    for head, text in zip(HEADS, TEXTS, strict=True):
        lines += [head, text]
    return lines


@dataclass(frozen=True)
class Foreign:
    """One page and what stands on it. Fields left out are expected to be ``None``."""

    name: str
    html: str
    lines: list[str]
    fields: Mapping[str, Any]
    metadata: Mapping[str, str] = field(default_factory=dict)
    attachments: tuple[tuple[str, str], ...] = ()  # (name, URL)
    wrap: str = "<p>　　{}</p>"
    url: str = "http://www.qinghe.gov.cn/zwgk/zfxxgknb/202201/t20220118_71.html"
    encoding: str = "utf-8"
    parts: Mapping[str, str] = field(default_factory=dict)  # URL → HTML
    needed: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)

    @property
    def payload(self) -> bytes:
        body = "".join(self.wrap.format(line) for line in self.lines)
        return self.html.replace("{body}", body).encode(self.encoding)


def percent_u(text: str) -> str:
    return "".join(f"%u{ord(char):04X}" if ord(char) > 255 else quote(char) for char in text)


MENU = (
    '<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/zwgk/">政务公开</a></li><li><a href="/bsfw/">办事服务</a></li>'
    '<li><a href="/hdjl/">互动交流</a></li></ul></div>'
)
FOOT = (
    '<div class="footer"><p>主办：青禾县人民政府办公室　承办：青禾县大数据中心</p><p>网站标识码：3399220001　浙ICP备00000000号　'
    '浙公网安备 33992202000001号</p><p><a href="/wzdt">网站地图</a> <a href="/lxwm">联系我们</a></p></div>'
)
SHARE = (
    '<div class="bdsharebuttonbox"><span>分享到：</span><a href="#" title="分享到微信">微信</a><a href="#">新浪微博</a>'
    '<a href="#">QQ空间</a></div>'
)
TRAIL = '<div class="wz">您当前的位置： <a href="/">首页</a> &gt;&gt; <a href="/zwgk">政务公开</a> &gt;&gt; <a href="..">年报</a> &gt;&gt; 正文</div>'
WATERWORKS = credit("339922", "00213455")
EDUCATION = credit("339922", "00213471")


def simple(agency: str, year: int, title: str | None = None) -> dict[str, Any]:
    return {
        "title": title or f"{agency}{year}年政府信息公开工作年度报告",
        "agency": agency,
        "report_year": year,
        "kind": Kind.ANNUAL_REPORT,
    }


PAGES: list[Foreign] = [
    Foreign(
        "hanweb_table_of_labels_with_inner_spaces",
        f"""<html><head><meta charset="utf-8"><title>青禾县 年报 青禾县水利局2021年政府信息公开工作年度报告</title></head><body>{MENU}{TRAIL}
<table class="xxgk_table" width="96%"><tbody><tr><td class="l">索 引 号：</td><td>{WATERWORKS}/2022-00017</td><td>组配分类：</td><td>政府信息公开年报</td></tr>
<tr><td>发布机构：</td><td>县水利局</td><td>成文日期：</td><td>2022-01-14</td></tr><tr><td>文　　号：</td><td></td><td>公开方式：</td><td>主动公开</td></tr>
<tr><td>发布日期：</td><td colspan="3">2022-01-18 08:30:11</td></tr></tbody></table>
<h1 class="title">青禾县水利局2021年政府信息公开工作年度报告</h1><div class="info">浏览次数：<script>document.write(hits)</script> 字体：【<a>大</a> <a>中</a> <a>小</a>】</div>
<div class="bt_content" id="div_content">{{body}}</div><div>【<a href="javascript:window.print()">打印本页</a>】【<a href="javascript:window.close()">关闭窗口</a>】</div>{SHARE}{FOOT}</body></html>""",
        prose("青禾县水利局", 2021),
        {
            **simple("青禾县水利局", 2021),
            "publisher": "县水利局",
            "index_number": f"{WATERWORKS}/2022-00017",
            "index_number_kind": USCC,
            "published_on": date(2022, 1, 18),
            "signed_on": date(2022, 1, 14),
        },
        {
            "索引号": f"{WATERWORKS}/2022-00017", "组配分类": "政府信息公开年报", "发布机构": "县水利局", "成文日期": "2022-01-14",
            "文号": "", "公开方式": "主动公开", "发布日期": "2022-01-18 08:30:11",
        },
    ),
    Foreign(
        "definition_list_and_document_number_in_square_brackets",
        f"""<html><body><div class="header"><a href="/">青禾县教育局</a></div>{MENU}<div class="wrap"><div class="left"><ul><li><a href="/a">机构职能</a></li><li><a href="/b">法定主动公开内容</a></li></ul></div>
<div class="right"><dl class="gk"><dt>索引号</dt><dd>{EDUCATION}/202201-00003</dd><dt>发文机关</dt><dd>青禾县教育局</dd><dt>发文字号</dt><dd>青教函[2022]3号</dd><dt>公开日期</dt><dd>2022年01月20日</dd><dt>有效性</dt><dd>有效</dd></dl>
<h2>青禾县教育局2021年政府信息公开工作年度报告</h2><div class="article_content">{{body}}<p style="text-align:right">青禾县教育局</p><p style="text-align:right">2022年1月19日</p></div>
<ul class="pn"><li>上一篇：<a href="t1.html">青禾县教育局2020年政府信息公开工作年度报告</a></li><li>下一篇：没有了</li></ul></div></div>{FOOT}</body></html>""",
        prose("青禾县教育局", 2021),
        {
            **simple("青禾县教育局", 2021),
            "publisher": "青禾县教育局",
            "index_number": f"{EDUCATION}/202201-00003",
            "index_number_kind": USCC,
            "document_number": "青教函[2022]3号",
            "published_on": date(2022, 1, 20),
            "signed_on": date(2022, 1, 19),
            "tail": ["青禾县教育局", "2022年1月19日"],
        },
        {"索引号": f"{EDUCATION}/202201-00003", "发文机关": "青禾县教育局", "发文字号": "青教函[2022]3号", "公开日期": "2022年01月20日", "有效性": "有效"},
    ),
    Foreign(
        "list_items_with_bold_labels_and_vsb_download",
        f"""<html><head><title>青禾县民政局2020年政府信息公开工作年度报告-青禾县人民政府网</title><META Name="pageType" Content="3"></head><body>{MENU}
<ul class="message"><li><b>索引号：</b>qhxmzj/2021-00000</li><li><b>主题分类：</b>民政</li><li><b>发布机构：</b>青禾县民政局</li><li><b>生成日期：</b>2021-01-26</li><li><b>废止日期：</b></li><li><b>内容概述：</b>青禾县民政局2020年政府信息公开工作年度报告</li></ul>
<form name="_newscontent_fromname"><h1>青禾县民政局2020年政府信息公开工作年度报告</h1><p class="time">时间：2021年01月27日 点击数：<span id="dynclicks">41</span> 次</p>
<div id="vsb_content_2"><div class="v_news_content">{{body}}</div></div><div id="div_vote_id"></div>
<p>附件【<a href="/system/_content/download.jsp?urltype=news.DownloadAttachUrl&amp;owner=1&amp;wbfileid=42">年报附表.xlsx</a>】已下载 <span>7</span> 次</p></form>{FOOT}</body></html>""",
        prose("青禾县民政局", 2020),
        {
            **simple("青禾县民政局", 2020),
            "publisher": "青禾县民政局",
            "index_number": "qhxmzj/2021-00000",
            "index_number_kind": OTHER,
            "published_on": date(2021, 1, 27),
            "signed_on": date(2021, 1, 26),
        },
        {
            "索引号": "qhxmzj/2021-00000", "主题分类": "民政", "发布机构": "青禾县民政局", "生成日期": "2021-01-26", "废止日期": "",
            "内容概述": "青禾县民政局2020年政府信息公开工作年度报告", "时间": "2021年01月27日",
        },
        (("年报附表.xlsx", "http://www.qinghe.gov.cn/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1&wbfileid=42"),),
    ),
    Foreign(
        "paragraphs_of_labels_set_apart_by_en_spaces",
        """<html><body><p>沧湖市林业局</p><p>您当前的位置 : 首页 &gt;&gt;信息公开年报&gt;&gt;正文</p>
<p>索引号 : &ensp;&ensp;&ensp;&ensp;文&ensp;&ensp;号 : 沧林办〔2019〕4号</p><p>主题分类 : 林业 &ensp;&ensp;发文单位 : 沧湖市林业局</p>
<p>名&ensp;称 : 沧湖市林业局2018年政府信息公开工作年度报告 &ensp;&ensp;&ensp;发布日期 : 2019年01月30日</p><p>有效性 : 有效 &ensp;&ensp;发文日期 :</p>
<h3>沧湖市林业局2018年政府信息公开工作年度报告</h3><div class="view TRS_UEDITOR trs_paper_default trs_web">{body}</div><p>扫一扫在手机打开当前页</p></body></html>""",
        prose("沧湖市林业局", 2018),
        {
            **simple("沧湖市林业局", 2018),
            "publisher": "沧湖市林业局",
            "document_number": "沧林办〔2019〕4号",
            "published_on": date(2019, 1, 30),
        },
        {
            "索引号": "", "文号": "沧林办〔2019〕4号", "主题分类": "林业", "发文单位": "沧湖市林业局", "名称": "沧湖市林业局2018年政府信息公开工作年度报告",
            "发布日期": "2019年01月30日", "有效性": "有效", "发文日期": "",
        },
    ),
    Foreign(
        "a_page_of_2009_laid_out_in_nested_tables",
        """<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=gb2312"><TITLE>青禾县政府网</TITLE></HEAD><BODY><TABLE width=960 align=center><TR><TD><A HREF="/">首 页</A> | <A HREF="/x">政务</A></TD></TR>
<TR><TD><TABLE width="100%"><TR><TD width=180 valign=top><TABLE><TR><TD><A HREF=1.htm>组织机构</A></TD></TR><TR><TD><A HREF=2.htm>政策法规</A></TD></TR></TABLE></TD>
<TD valign=top><TABLE width="100%"><TR><TD align=center><FONT SIZE=5><B>青禾县人民政府二○○八年度<BR>政府信息公开工作年度报告</B></FONT></TD></TR><TR><TD align=center>发布时间：2009-3-28 阅读：1024 次</TD></TR>
<TR><TD class=hei14><FONT id=Zoom>{body}<P align=right>青禾县人民政府<BR>二○○九年三月二十六日</P></FONT></TD></TR></TABLE></TD></TR></TABLE></TD></TR><TR><TD align=center>版权所有：青禾县人民政府</TD></TR></TABLE></BODY></HTML>""",
        prose("青禾县人民政府", 2008),
        {
            **simple("青禾县人民政府", 2008, "青禾县人民政府二○○八年度政府信息公开工作年度报告"),
            "published_on": date(2009, 3, 28),
            "signed_on": date(2009, 3, 26),
            "tail": ["青禾县人民政府", "二○○九年三月二十六日"],
        },
        {"发布时间": "2009-3-28"},
        wrap="&nbsp;&nbsp;&nbsp;&nbsp;{}<BR>",
        encoding="gb18030",
    ),
    Foreign(
        "pasted_from_word_with_a_span_for_every_digit",
        """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name="ArticleTitle" content="青禾县司法局2020年政府信息公开工作年度报告"><meta name="PubDate" content="2021-01-22 16:05"><meta name="ContentSource" content="县司法局"></head>
<body><h1>青禾县司法局2020年政府信息公开工作年度报告</h1><div class="trs_editor_view TRS_UEDITOR trs_paper_default trs_word"><style>p.MsoNormal{margin:0}</style>
<p class="MsoNormal"><span style="font-family:仿宋">根据青政办</span><span>〔</span><span lang="EN-US">2021</span><span>〕</span><span lang=EN-US>1</span><span>号文件编制，期限为</span><span>2020</span><span>年</span><span>1</span><span>月</span><span>1</span><span>日</span><span>至</span><span>12</span><span>月</span><span>31</span><span>日。<o:p></o:p></span></p>
{body}<p class=MsoNormal align=right><span>青禾县司法局<o:p></o:p></span></p><p class=MsoNormal><span lang=EN-US>2021</span><span>年</span><span lang=EN-US>1</span><span>月</span><span lang=EN-US>2</span><span lang=EN-US>1</span><span>日</span></p><p class=MsoNormal><o:p>&nbsp;</o:p></p></div></body></html>""",
        ["一、总体情况", "公开7条。", "六、其他事项", "无。"],
        {
            **simple("青禾县司法局", 2020),
            "publisher": "县司法局",
            "published_on": date(2021, 1, 22),
            "signed_on": date(2021, 1, 21),
            "lead": ["根据青政办〔2021〕1号文件编制，期限为2020年1月1日至12月31日。"],
            "tail": ["青禾县司法局", "2021年1月21日"],
        },
        wrap='<p class="MsoNormal" style="text-indent:32pt"><b><span style="color:black">{}</span></b></p>',
    ),
    Foreign(
        "merged_cells_keep_their_place",
        """<html><body><h1>青禾县住房和城乡建设局2021年政府信息公开工作年度报告</h1><p>来源：县住建局　发布时间：2022-01-25</p><div class="content_body">{body}
<table border=1><tr><td rowspan="2" style="width:90px"><p>信息内容</p></td><td colspan="2"><p><span>处理</span><span>决定</span></p></td></tr><tr><td>上<br>半年</td><td>下半年</td></tr>
<tr><td>行政许可</td><td><p><span lang="EN-US">１２</span></p></td><td rowspan=2>/</td></tr><tr><td>行政处罚</td><td>1,024</td></tr></table><p>注：“/”表示不适用。</p></div></body></html>""",
        prose("青禾县住房和城乡建设局", 2021),
        {
            **simple("青禾县住房和城乡建设局", 2021),
            "publisher": "县住建局",
            "published_on": date(2022, 1, 25),
            "tail": [
                "| 信息内容 | 处理决定 | 处理决定 |\n| --- | --- | --- |\n| 信息内容 | 上<br>半年 | 下半年 |\n| 行政许可 | １２ | / |\n| 行政处罚 | 1,024 | / |",
                "注：“/”表示不适用。",
            ],
        },
        {"来源": "县住建局", "发布时间": "2022-01-25"},
    ),
    Foreign(
        "files_above_beside_and_below_and_those_of_others",
        f"""<html><body>{MENU}<div class="side"><h3>常用下载</h3><a href="/files/apply.doc">依申请公开申请表.doc</a></div><h1>青禾县统计局2019年政府信息公开工作年度报告</h1>
<div class="tools">发布日期：2020-01-17 09:11　来源：青禾县统计局　<a href="./P020200117331.docx">下载文字版</a></div><div class="TRS_Editor">{{body}}</div>
<div class="fj"><p>附件：</p><ul><li><a href="./P020200117332.pdf" title="青禾县统计局2019年年报.pdf">1.青禾县统计局2019年年报.pdf</a></li></ul></div>{SHARE}
<div class="xgxx"><h3>相关信息</h3><ul><li><a href="t2.html">关于开展人口抽样调查的通告</a></li></ul></div>{FOOT}</body></html>""",
        prose("青禾县统计局", 2019),
        {**simple("青禾县统计局", 2019), "publisher": "青禾县统计局", "published_on": date(2020, 1, 17)},
        {"发布日期": "2020-01-17 09:11", "来源": "青禾县统计局"},
        (
            ("下载文字版", "http://www.qinghe.gov.cn/zwgk/zfxxgknb/202201/P020200117331.docx"),
            ("1.青禾县统计局2019年年报.pdf", "http://www.qinghe.gov.cn/zwgk/zfxxgknb/202201/P020200117332.pdf"),
        ),
    ),
    Foreign(
        "a_stub_around_a_pdf_viewer",
        f"""<html><body>{MENU}<h1>青禾县审计局2022年政府信息公开工作年度报告</h1><p>发布机构：青禾县审计局　发布日期：2023-01-13</p><div id="zoom"><iframe width="100%" height="900" src="/pdfjs/web/viewer.html?file=/upload/2023/sjj-nb.pdf"></iframe></div>{FOOT}</body></html>""",
        [],
        {**simple("青禾县审计局", 2022), "publisher": "青禾县审计局", "published_on": date(2023, 1, 13)},
        {"发布机构": "青禾县审计局", "发布日期": "2023-01-13"},
        (("sjj-nb.pdf", "http://www.qinghe.gov.cn/upload/2023/sjj-nb.pdf"),),
        needed=("http://www.qinghe.gov.cn/upload/2023/sjj-nb.pdf",),
    ),
    Foreign(
        "a_body_in_a_frame_of_its_own",
        f"""<html><body>{MENU}<h1>青禾县财政局2021年政府信息公开工作年度报告</h1><p>发布机构：青禾县财政局　发布日期：2022-01-21</p><div class="con"><iframe src="/inner/71.html" width="980" height="2000" frameborder="0"></iframe></div>{FOOT}</body></html>""",
        prose("青禾县财政局", 2021),
        {**simple("青禾县财政局", 2021), "publisher": "青禾县财政局", "published_on": date(2022, 1, 21)},
        {"发布机构": "青禾县财政局", "发布日期": "2022-01-21"},
        parts={"http://www.qinghe.gov.cn/inner/71.html": "<html><body><div id=zoom>{body}</div></body></html>"},
    ),
    Foreign(
        "a_body_over_three_pages",
        f"""<html><body>{MENU}<h1>青禾县气象局2016年政府信息公开工作年度报告</h1><p>发布时间：2017-03-02</p><div class="TRS_Editor"><p>第一页的文字，说明编制依据和统计期限，并介绍总体情况，篇幅不长。</p><p>一、总体情况</p><p>全年公开信息21条，其中气象预警9条，其余为部门动态，均及时、准确。</p></div><div class="page"><script>createPageHTML(3, 0, "t20220118_71", "html");</script></div>{FOOT}</body></html>""",
        [],
        {
            **simple("青禾县气象局", 2016),
            "published_on": date(2017, 3, 2),
            "tail": [
                "第一页的文字，说明编制依据和统计期限，并介绍总体情况，篇幅不长。", "一、总体情况", "全年公开信息21条，其中气象预警9条，其余为部门动态，均及时、准确。",
                "二、主动公开情况", "第二页的文字，说明主动公开的范围、渠道和数量，另附说明一段，供查阅。", "三、依申请公开情况", "第三页的文字，全年未收到公开申请，没有收取费用，没有发生复议和诉讼。",
            ],
        },
        {"发布时间": "2017-03-02"},
        parts={
            "http://www.qinghe.gov.cn/zwgk/zfxxgknb/202201/t20220118_71_1.html": f'<html><body>{MENU}<h1>青禾县气象局2016年政府信息公开工作年度报告</h1><p>发布时间：2017-03-02</p><div class="TRS_Editor"><p>二、主动公开情况</p><p>第二页的文字，说明主动公开的范围、渠道和数量，另附说明一段，供查阅。</p></div>{FOOT}</body></html>',
            "http://www.qinghe.gov.cn/zwgk/zfxxgknb/202201/t20220118_71_2.html": f'<html><body>{MENU}<h1>青禾县气象局2016年政府信息公开工作年度报告</h1><p>发布时间：2017-03-02</p><div class="TRS_Editor"><p>三、依申请公开情况</p><p>第三页的文字，全年未收到公开申请，没有收取费用，没有发生复议和诉讼。</p></div>{FOOT}</body></html>',
        },
    ),
    Foreign(
        "chrome_within_the_container",
        f"""<html><body>{MENU}<div id="zoom"><h1>青禾县交通运输局2022年政府信息公开工作年度报告</h1><div class="ly">发布时间：2023-01-28 10:02:44 &nbsp; 浏览次数：<i>88</i> &nbsp; 来源：县交通运输局 &nbsp; 字号：[ <a>大</a> <a>中</a> <a>小</a> ]</div>{SHARE}{{body}}
<p>（责任编辑：王某）</p>{SHARE}<p><a href="javascript:print()">打印本页</a> <a href="javascript:close()">关闭窗口</a></p><p>上一条：<a href="/1.html">交通局2021年年报</a></p><p>下一条：<a href="/3.html">交通局2023年年报</a></p></div>{FOOT}</body></html>""",
        prose("青禾县交通运输局", 2022),
        {**simple("青禾县交通运输局", 2022), "publisher": "县交通运输局", "published_on": date(2023, 1, 28)},
        {"发布时间": "2023-01-28 10:02:44", "来源": "县交通运输局", "责任编辑": "王某"},
    ),
    Foreign(
        "traditional_characters",
        """<html><body><div>您當前的位置：<a href="/">首頁</a> &gt; <a href="/nb">年報</a></div><table><tr><td>索引號</td><td>003215477/2022-00009</td></tr><tr><td>發布機構</td><td>沧湖市商務局</td></tr><tr><td>發布日期</td><td>2022-01-24</td></tr></table>
<h1>沧湖市商務局2021年政府信息公開工作年度報告</h1><div class="article-content">{body}</div><p>【打印本頁】【關閉窗口】</p></body></html>""".replace("003215477", organisation("00321547")),
        [
            "本報告根據《中華人民共和國政府信息公開條例》編制，統計期限自2021年1月1日起至12月31日止。", "一、總體情況", "全年公開信息64條，辦結率100%。",
            "二、主動公開政府信息情況", "規範性文件1件。", "三、收到和處理政府信息公開申請情況", "收到申請2件，均已答覆。", "六、其他需要報告的事項", "無。",
        ],
        {
            **simple("沧湖市商務局", 2021, "沧湖市商務局2021年政府信息公開工作年度報告"),
            "publisher": "沧湖市商務局",
            "index_number": f"{organisation('00321547')}/2022-00009",
            "index_number_kind": ORG9,
            "published_on": date(2022, 1, 24),
        },
        {"索引號": f"{organisation('00321547')}/2022-00009", "發布機構": "沧湖市商務局", "發布日期": "2022-01-24"},
    ),
    Foreign(
        "the_year_within_the_phrase",
        f"""<html><body>{MENU}<div class="zwxl-main"><h1>青禾县外事办公室政府信息公开工作2022年度报告</h1><div class="zwxl-bar"><span>来源： 县外事办</span><span>日期：2023-01-31</span></div><div class="view TRS_UEDITOR trs_paper_default trs_web">{{body}}</div></div>{FOOT}</body></html>""",
        prose("青禾县外事办公室", 2022),
        {
            **simple("青禾县外事办公室", 2022, "青禾县外事办公室政府信息公开工作2022年度报告"),
            "publisher": "县外事办",
            "published_on": date(2023, 1, 31),
        },
        {"来源": "县外事办", "日期": "2023-01-31"},
    ),
    Foreign(
        "a_township_with_a_none_for_a_sequence",
        f"""<html><body><h1>柳溪镇</h1><table><tbody><tr><td>标题</td><td>青禾县柳溪镇人民政府2021年政府信息公开工作年度报告</td></tr><tr><td>索引号</td><td>{WATERWORKS}/2022-None</td></tr><tr><td>文号</td><td>无文号</td></tr><tr><td>发文日期</td><td>2022-01-17</td></tr><tr><td>发布机构</td><td>柳溪镇</td></tr></tbody></table>
<h1>青禾县柳溪镇人民政府2021年政府信息公开工作年度报告</h1><p>发布日期：2022-01-17</p><p>• 字号： 大 中 小</p><p>• | • 打印</p><div class="neirong">{{body}}</div></body></html>""",
        prose("青禾县柳溪镇人民政府", 2021),
        {
            **simple("青禾县柳溪镇人民政府", 2021),
            "publisher": "柳溪镇",
            "index_number": f"{WATERWORKS}/2022-None",
            "index_number_kind": USCC,
            "published_on": date(2022, 1, 17),
            "signed_on": date(2022, 1, 17),
        },
        {
            "标题": "青禾县柳溪镇人民政府2021年政府信息公开工作年度报告", "索引号": f"{WATERWORKS}/2022-None", "文号": "无文号", "发文日期": "2022-01-17",
            "发布机构": "柳溪镇", "发布日期": "2022-01-17",
        },
    ),
    Foreign(
        "a_management_committee_and_a_number_that_lost_its_zeros",
        f"""<html><body>{MENU}<div class="xxgk-info"><span>索引号：0142768-8/2022-00185</span><span>发布单位：北岭经济技术开发区管委会</span><span>发布日期：2022-03-11</span><span>文号：</span></div><h1>北岭经济技术开发区管理委员会2021年政府信息公开工作年度报告</h1><div class="main-txt">{{body}}</div>{FOOT}</body></html>""",
        prose("北岭经济技术开发区管理委员会", 2021),
        {
            **simple("北岭经济技术开发区管理委员会", 2021),
            "publisher": "北岭经济技术开发区管委会",
            "index_number": "0142768-8/2022-00185",
            "index_number_kind": OTHER,
            "published_on": date(2022, 3, 11),
        },
        {"索引号": "0142768-8/2022-00185", "发布单位": "北岭经济技术开发区管委会", "发布日期": "2022-03-11", "文号": ""},
    ),
    Foreign(
        "a_prefectural_office_with_nine_zeros",
        """<html><body><table width=100%><tr><td>索引号: 000000000-2019-04411</td><td>发布机构: 地区行署办公室</td></tr><tr><td>发布日期: 2019-03-12</td><td>废止日期: </td></tr><tr><td>文 号: </td><td>主题分类: 部门</td></tr></table><div class="title"><UCAPTITLE>2018年行署畜牧局政府信息公开工作年度报告</UCAPTITLE></div>
<div class="ly">发布时间:<PUBLISHTIME>2019-03-12 09:35:02</PUBLISHTIME>【字体: <a>大</a><a>中</a><a>小</a>】</div><div id="zoomcon"><UCAPCONTENT>{body}</UCAPCONTENT></div><p>附件:</p><p>扫一扫在手机打开当前页</p><div><a href=/map>网站地图</a></div></body></html>""",
        prose("行署畜牧局", 2018),
        {
            **simple("行署畜牧局", 2018, "2018年行署畜牧局政府信息公开工作年度报告"),
            "publisher": "地区行署办公室",
            "index_number": "000000000-2019-04411",
            "index_number_kind": PLACEHOLDER,
            "published_on": date(2019, 3, 12),
        },
        {
            "索引号": "000000000-2019-04411", "发布机构": "地区行署办公室", "发布日期": "2019-03-12", "废止日期": "", "文号": "", "主题分类": "部门",
            "发布时间": "2019-03-12 09:35:02",
        },
    ),
    Foreign(
        "a_court_and_the_state_councils_own_code",
        f"""<html><body>{MENU}<p>索引号：000014349/2020-00031　　　文号：〔〕号　　　发布机构：青禾县人民法院　　　公开日期：2020-01-19</p><h1>青禾县人民法院2019年政府信息公开工作年度报告</h1><article>{{body}}</article>{FOOT}</body></html>""",
        prose("青禾县人民法院", 2019),
        {
            **simple("青禾县人民法院", 2019),
            "publisher": "青禾县人民法院",
            "index_number": "000014349/2020-00031",
            "index_number_kind": PLACEHOLDER,
            "published_on": date(2020, 1, 19),
        },
        {"索引号": "000014349/2020-00031", "文号": "〔〕号", "发布机构": "青禾县人民法院", "公开日期": "2020-01-19"},
    ),
    Foreign(
        "one_line_glued_together_and_a_place_for_a_publisher",
        f"""<html><body>{MENU}<h1>青禾县市场监管局2017年政府信息公开工作年度报告</h1><p>索引号:331122000000/2018-63181&nbsp;&nbsp;&nbsp;发布机构:青禾县&nbsp;&nbsp;&nbsp;发布时间:2018-02-08 00:00:00</p><p>文号:</p><div id="Zoom">{{body}}<p>青禾县市场监督管理局</p><p>2018128</p></div></body></html>""",
        prose("青禾县市场监管局", 2017),
        {
            **simple("青禾县市场监管局", 2017),
            "publisher": "青禾县",
            "index_number": "331122000000/2018-63181",
            "index_number_kind": DIVISION,
            "published_on": date(2018, 2, 8),
            "signed_on": date(2018, 1, 28),
            "tail": ["青禾县市场监督管理局", "2018128"],
        },
        {"索引号": "331122000000/2018-63181", "发布机构": "青禾县", "发布时间": "2018-02-08 00:00:00", "文号": ""},
    ),
    Foreign(
        "labels_in_header_cells_and_a_row_for_the_name",
        f"""<html><body>{MENU}<table class="table_suoyin"><tbody><tr><th>索&nbsp;引&nbsp;号</th><td>{organisation("48634451")}/202201-00061</td><th>信息分类</th><td>年度报告</td></tr><tr><th>内容分类</th><td>综合政务</td><th>发文日期</th><td>2022-01-12</td></tr><tr><th>发布机构</th><td>青禾县农业农村局</td><th>生效时间</th><td></td></tr><tr><th>生成日期</th><td>2022-01-12</td><th>废止时间</th><td></td></tr><tr><th>名　　称</th><td colspan="3">青禾县农业农村局2021年政府信息公开工作年度报告</td></tr><tr><th>文　　号</th><td>无</td><th>关 键 词</th><td>年报</td></tr></tbody></table>
<div class="gkwz_title">青禾县农业农村局2021年政府信息公开工作年度报告</div><div class="gkwz_info">发布时间：2022-01-13 15:02 <span>【字体：<a>大</a> <a>中</a> <a>小</a>】</span><a>打印</a></div><div class="j-fontContent">{{body}}</div>{FOOT}</body></html>""",
        prose("青禾县农业农村局", 2021),
        {
            **simple("青禾县农业农村局", 2021),
            "publisher": "青禾县农业农村局",
            "index_number": f"{organisation('48634451')}/202201-00061",
            "index_number_kind": ORG9,
            "published_on": date(2022, 1, 13),
            "signed_on": date(2022, 1, 12),
        },
        {
            "索引号": f"{organisation('48634451')}/202201-00061", "信息分类": "年度报告", "内容分类": "综合政务", "发文日期": "2022-01-12",
            "发布机构": "青禾县农业农村局", "生效时间": "", "生成日期": "2022-01-12", "废止时间": "",
            "名称": "青禾县农业农村局2021年政府信息公开工作年度报告", "文号": "无", "关键词": "年报", "发布时间": "2022-01-13 15:02",
        },
    ),
    Foreign(
        "label_and_value_in_boxes_of_their_own",
        f"""<html><body>{MENU}<div class="block"><div class="row"><div class="k">索引号</div><div class="v">015289174-2021-153077</div></div><div class="row"><div class="k">发文机构</div><div class="v">青禾县文化和旅游局</div></div><div class="row"><div class="k">公开日期</div><div class="v">2021/1/29</div></div><div class="row"><div class="k">文号</div><div class="v"></div></div></div>
<h2 class="bt">青禾县文化和旅游局2020年政府信息公开工作年度报告</h2><div class="wp_articlecontent">{{body}}</div>{FOOT}</body></html>""".replace("015289174", organisation("01528917")),
        prose("青禾县文化和旅游局", 2020),
        {
            **simple("青禾县文化和旅游局", 2020),
            "publisher": "青禾县文化和旅游局",
            "index_number": f"{organisation('01528917')}-2021-153077",
            "index_number_kind": ORG9,
            "published_on": date(2021, 1, 29),
        },
        {"索引号": f"{organisation('01528917')}-2021-153077", "发文机构": "青禾县文化和旅游局", "公开日期": "2021/1/29", "文号": ""},
    ),
    Foreign(
        "a_catalogue_record_in_a_script",
        "<html><head><title>云海市水务局2022年政府信息公开工作年度报告_云海市水务局</title></head><body><div id=app></div><script>window._CONFIG = {SID:'756001', TREE:[]}; window._CONFIG.DETAIL = "
        + json.dumps(
            {
                "id": 9, "title": "云海市水务局2022年政府信息公开工作年度报告", "identifier": "006939748/2023-00084", "document_number": "",
                "publisher": "云海市水务局", "date": 1673834400, "content": "".join(f"<p>{line}</p>" for line in prose("云海市水务局", 2022)),
            }
        ).replace("<", "\\u003C")
        + ";</script></body></html>",
        [],
        {
            **simple("云海市水务局", 2022),
            "publisher": "云海市水务局",
            "index_number": "006939748/2023-00084",
            "index_number_kind": ORG9,
            "published_on": date(2023, 1, 16),
            "tail": prose("云海市水务局", 2022),
        },
        {"索引号": "006939748/2023-00084", "发布机构": "云海市水务局", "发布日期": "2023-01-16 10:00:00"},
    ),
    Foreign(
        "a_body_loaded_late",
        f"""<html><head><meta name="SiteName" content="北岭省商务厅"><meta name="ArticleTitle" content="北岭省商务厅2019年政府信息公开工作年度报告"><meta name="PubDate" content="2020-01-20 11:02:30"></head><body>{MENU}<h1>北岭省商务厅2019年政府信息公开工作年度报告</h1><div class="article_content" id="UCAP-CONTENT">正在加载…</div>
<script>function loadUcapContent(){{{{ var html = unescape("{percent_u("".join(f"<p>{line}</p>" for line in prose("北岭省商务厅", 2019)))}"); document.getElementById("UCAP-CONTENT").innerHTML = html; }}}}</script>{FOOT}</body></html>""".replace("{{", "{").replace("}}", "}"),
        [],
        {**simple("北岭省商务厅", 2019), "published_on": date(2020, 1, 20), "tail": prose("北岭省商务厅", 2019)},
    ),
    Foreign(
        "an_unknown_portal",
        f"""<html><head><title>青禾县残疾人联合会2021年政府信息公开工作年度报告 - 青禾县人民政府</title></head><body><div class="q1">{MENU}</div><div class="q2">{TRAIL}<div class="q3"><div class="q4">青禾县残疾人联合会2021年政府信息公开工作年度报告</div><div class="q5"><em>2022-01-20 09:00</em><em>来源：县残联</em><em>阅读：<b>55</b></em></div><div class="q6">{{body}}</div><div class="q7"><a>打印</a><a>关闭</a></div></div>
<div class="q8"><div>热点推荐</div><ul><li><a href="/1">关于做好冬季供暖工作的通知</a></li><li><a href="/2">关于春运期间道路通行的公告</a></li></ul></div></div>{FOOT}</body></html>""",
        prose("青禾县残疾人联合会", 2021),
        {**simple("青禾县残疾人联合会", 2021), "publisher": "县残联", "published_on": date(2022, 1, 20)},
        {"来源": "县残联"},
        wrap='<div class="z">{}</div>',
    ),
    Foreign(
        "preformatted_text",
        f"""<html><body>{MENU}<center><h2>青禾县档案局2011年政府信息公开工作年度报告</h2></center><p align=center>作者：县档案局 发布日期：2012-02-20</p><div id="content"><pre>{{body}}</pre></div>{FOOT}</body></html>""",
        prose("青禾县档案局", 2011),
        {**simple("青禾县档案局", 2011), "published_on": date(2012, 2, 20)},
        {"作者": "县档案局", "发布日期": "2012-02-20"},
        wrap="    {}\n",
    ),
    Foreign(
        "the_block_of_labels_behind_the_article",
        f"""<html><body>{MENU}<h1>青禾县粮食局2014年政府信息公开年度报告</h1><div class="zfxxgk_zw_content">{{body}}</div><table class="meta"><tr><td>索引号：</td><td>lsj-2015-0003</td><td>发布机构：</td><td>青禾县粮食局</td></tr><tr><td>公开日期：</td><td>2015-03-19</td><td>公开形式：</td><td>政府网站</td></tr></table>{FOOT}</body></html>""",
        prose("青禾县粮食局", 2014),
        {
            **simple("青禾县粮食局", 2014, "青禾县粮食局2014年政府信息公开年度报告"),
            "publisher": "青禾县粮食局",
            "index_number": "lsj-2015-0003",
            "index_number_kind": OTHER,
            "published_on": date(2015, 3, 19),
        },
        {"索引号": "lsj-2015-0003", "发布机构": "青禾县粮食局", "公开日期": "2015-03-19", "公开形式": "政府网站"},
    ),
    Foreign(
        "a_sub_district_whose_title_stands_in_two_lines_and_twice",
        f"""<html><body>{MENU}<h1>青禾市解放街道办事处<br/>2023年政府信息公开工作年度报告</h1><div class="xl_con"><p style="text-align:center"><strong>青禾市解放街道办事处</strong></p><p style="text-align:center"><strong>2023年政府信息公开工作年度报告</strong></p>{{body}}<p style="text-align:right">青禾市解放街道办事处</p><p style="text-align:right">2024年1月5日</p></div><div class="date">发布日期：2024-01-09</div>{FOOT}</body></html>""",
        prose("青禾市解放街道办事处", 2023),
        {
            **simple("青禾市解放街道办事处", 2023),
            "published_on": date(2024, 1, 9),
            "signed_on": date(2024, 1, 5),
            "tail": ["青禾市解放街道办事处", "2024年1月5日"],
        },
        {"发布日期": "2024-01-09"},
    ),
    Foreign(
        "our_bureau_leaves_the_name_to_the_signature",
        f"""<html><body>{MENU}<h1>我局2015年政府信息公开工作年度报告</h1><p>发文机关：　发布日期：2016年2月1日</p><div class="Article_content">{{body}}<p>青禾县卫生和计划生育局</p><p>二〇一六年一月二十九日</p></div>{FOOT}</body></html>""",
        prose("我局", 2015),
        {
            **simple("青禾县卫生和计划生育局", 2015, "我局2015年政府信息公开工作年度报告"),
            "published_on": date(2016, 2, 1),
            "signed_on": date(2016, 1, 29),
            "tail": ["青禾县卫生和计划生育局", "二〇一六年一月二十九日"],
        },
        {"发文机关": "", "发布日期": "2016年2月1日"},
    ),
    Foreign(
        "related_reading_within_the_container",
        f"""<html><body>{MENU}<h1>青禾县信访局2022年政府信息公开工作年度报告</h1><p>发布时间：2023-01-16 &nbsp;来源：青禾县信访局</p><div class="detail-content">{{body}}<p>附件：<a href="/att/xfj.doc">青禾县信访局2022年年报.doc</a></p><div class="xg"><h4>相关链接</h4><ul><li><a href="/jd/1.html">一图读懂青禾县信访局2022年年报</a></li><li><a href="/jd/2.html">图解：信访工作条例</a></li></ul></div></div>{FOOT}</body></html>""",
        prose("青禾县信访局", 2022),
        {**simple("青禾县信访局", 2022), "publisher": "青禾县信访局", "published_on": date(2023, 1, 16)},
        {"发布时间": "2023-01-16", "来源": "青禾县信访局"},
        (("青禾县信访局2022年年报.doc", "http://www.qinghe.gov.cn/att/xfj.doc"),),
    ),
]  # fmt: skip
