"""The reports' own words: what an invented agency writes of its year, in the outline its time asked for.

2008–2018: the heads of the 2007 Regulations (国务院令第492号), figures in sentences. From 2019: the six sections of the
national format, whose sentences repeat the figures of the tables and agree with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .blocks import Block, Heading, Paragraph
from .draw import Draw
from .statistics import Figures, tables

CHINESE_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Agency:
    """Who writes: its full name, how it speaks of itself, whom it answers to and what it works on."""

    key: str
    name: str
    we: str  # 我局, 我镇, 全区
    above: str  # 县委、县政府
    place: str
    topics: tuple[str, str, str]
    busy: int = 2
    organisation: str | None = None  # organisation code, nine characters


def signature_date(day: date) -> str:
    """2022年1月18日, every number in an element of its own, as word processors leave it."""
    return f"{{{day.year}}}年{{{day.month}}}月{{{day.day}}}日"


def chinese_date(day: date) -> str:
    """二〇一八年一月二十日"""
    year = "".join(CHINESE_DIGITS[int(digit)] for digit in str(day.year))
    return f"{year}年{_chinese_number(day.month)}月{_chinese_number(day.day)}日"


def _chinese_number(number: int) -> str:
    tens, ones = divmod(number, 10)
    head = {0: "", 1: "十"}.get(tens, CHINESE_DIGITS[tens] + "十")
    return head + (CHINESE_DIGITS[ones] if ones else "")


def signature(agency: Agency, day: date, *, numerals: bool = False) -> tuple[Block, ...]:
    """Name and date at the foot; ``numerals`` writes the date in Chinese numerals."""
    return (
        Paragraph(agency.name, right=True),
        Paragraph(chinese_date(day) if numerals else signature_date(day), right=True),
    )


# ---------------------------------------------------------------- the national format, from 2019


def national(agency: Agency, year: int, given: Figures, *, blank: str = "") -> tuple[Block, ...]:
    """A report of the 2019 or 2021 format without its signature."""
    draw = Draw(agency.key, year, "prose")
    second, third, fourth = tables(given, blank)
    return (
        *_preamble(agency, year, given["format"]),
        Heading("一、总体情况"),
        *_overview(agency, year, given, draw),
        Heading("二、主动公开政府信息情况"),
        second,
        Heading("三、收到和处理政府信息公开申请情况"),
        third,
        Heading("四、政府信息公开行政复议、行政诉讼情况"),
        fourth,
        Heading("五、存在的主要问题及改进情况"),
        *_shortcomings(agency, year, draw),
        Heading("六、其他需要报告的事项"),
        *_other_matters(agency, year, given, draw),
    )


def _preamble(agency: Agency, year: int, fmt: str) -> tuple[Block, ...]:
    basis = (
        "国务院办公厅政府信息与政务公开办公室《中华人民共和国政府信息公开工作年度报告格式》（国办公开办函〔{2021}〕{30}号）"
        if fmt == "2021"
        else "国务院办公厅政府信息与政务公开办公室关于年度报告有关事项的通知（国办公开办函〔{2019}〕{60}号）"
    )
    return (
        Paragraph(
            f"按照《中华人民共和国政府信息公开条例》（国务院令第{{711}}号，以下简称《条例》）第五十条和{basis}的要求，"
            f"编制{agency.name}{{{year}}}年度政府信息公开工作年度报告。报告由总体情况、主动公开、依申请公开、复议诉讼、问题改进和"
            f"其他事项六个部分组成，数据统计期限为{{{year}}}年{{1}}月{{1}}日至{{12}}月{{31}}日。"
        ),
    )


def _overview(agency: Agency, year: int, given: Figures, draw: Draw) -> tuple[Block, ...]:
    web, wechat, other = draw.number("web", 90, 900), draw.number("wechat", 20, 400), draw.number("boards", 3, 40)
    applications = given["applications"]
    new = applications["new"]["total"]
    if new:
        asked = (
            f"全年新收政府信息公开申请{{{new}}}件，上年结转{{{applications['carried_in']['total']}}}件，已办结"
            f"{{{applications['total']['total']}}}件，结转下年度继续办理{{{applications['carried_out']['total']}}}件。"
            f"对每一件申请{agency.we}都当天登记、当面或者电话核对诉求，答复文书一律经法制审核后发出。"
        )
    else:
        asked = f"{agency.we}全年未收到政府信息公开申请，受理窗口、信函和网络三条渠道始终保持畅通，值守人员按月抽查。"
    return (
        Heading("（一）主动公开", 2),
        Paragraph(
            f"围绕{agency.topics[0]}、{agency.topics[1]}和{agency.topics[2]}，{agency.we}把群众常问的事项排在栏目最前面。"
            f"全年公开政府信息{{{web + wechat + other}}}条，其中门户网站{{{web}}}条，政务新媒体{{{wechat}}}条，公告栏和便民手册等"
            f"其他方式{{{other}}}条。"
        ),
        Paragraph(
            draw.choice(
                "disclosure",
                (
                    f"凡涉及{agency.topics[0]}的决定，草案连同说明一并在网上征求意见，采纳与否逐条写明理由。",
                    f"对{agency.topics[1]}方面的政策，印发后三个工作日内配发问答，并请一线办事人员出镜讲解。",
                    f"把{agency.topics[2]}的办事条件、材料和时限做成一页纸清单，随证照一起送到办事群众手里。",
                ),
            )
        ),
        Heading("（二）依申请公开", 2),
        Paragraph(asked),
        Heading("（三）政府信息管理", 2),
        Paragraph(
            f"落实“先审查、后公开”，{agency.we}{{{year}}}年对拟公开的文件逐件填写审查单，同步标注公开属性；对已公开信息开展"
            f"{draw.choice('rounds', ('两轮', '三轮', '四轮'))}“回头看”，更正错别字和失效链接{{{draw.number('fixed', 4, 60)}}}处。"
        ),
        Heading("（四）政府信息公开平台建设", 2),
        Paragraph(
            draw.choice(
                "platform",
                (
                    "政府信息公开专栏按照统一规范重新编排，检索框移到首屏，年报、指南、制度三类栏目可以一步到达。",
                    "配合政府网站集约化迁移，历史信息全部随栏目平移，原网址保留跳转，没有出现断档。",
                    "在办事大厅增设信息查询点，配有自助终端和纸质目录，供不便上网的群众查阅、复印。",
                ),
            )
        ),
        Heading("（五）监督保障", 2),
        Paragraph(
            f"在{agency.above}统一领导下，{agency.we}明确分管负责同志{{1}}名、工作人员{{{draw.number('staff', 2, 6)}}}名，全年组织培训"
            f"{{{draw.number('training', 1, 4)}}}次；信息公开纳入年度考核，未发生因公开不当被追究责任的情形。"
        ),
    )


PROBLEMS = (
    "一是政策解读的形式偏少，图表和音视频不多，群众读起来仍然费力；",
    "一是栏目更新不够均衡，热点栏目天天有新内容，个别栏目却数月才更新一次；",
    "一是对过程性信息、内部事务信息的把握还不够准，个别答复文书说理不充分；",
    "一是公开信息的颗粒度偏粗，跨年度的数据难以前后对照；",
)
MORE_PROBLEMS = (
    "二是经办人员变动较快，业务交接不细，新手上路需要较长时间。",
    "二是线上线下公开的内容有时不同步，纸质材料更换滞后。",
    "二是与群众的互动多停留在单向发布，意见征集的回应还不够及时。",
)


def _shortcomings(agency: Agency, year: int, draw: Draw) -> tuple[Block, ...]:
    return (
        Paragraph(
            f"{{{year}}}年的工作还有不足：{draw.choice('problem', PROBLEMS)}{draw.choice('more', MORE_PROBLEMS)}"
        ),
        Paragraph(
            f"下一步，{agency.we}将从三个方面改进。一是围绕{agency.topics[0]}编写更多看得懂的解读；二是建立栏目更新台账，"
            f"到期前一周自动提醒；三是把依申请公开的典型案例汇编成册，作为新进人员的必读材料。"
        ),
    )


def _other_matters(agency: Agency, year: int, given: Figures, draw: Draw) -> tuple[Block, ...]:
    fees = draw.number("fee", 0, 5)
    charged = (
        f"依据《政府信息公开信息处理费管理办法》，{{{year}}}年对{{1}}件申请收取信息处理费{{{fees * 40}}}元。"
        if fees > 3 and given["format"] == "2021"
        else f"{{{year}}}年{agency.we}没有收取信息处理费。"
    )
    proposals = draw.number("proposals", 0, 14)
    answered = f"承办人大代表建议、政协委员提案{{{proposals}}}件，答复全文公开。" if proposals else ""
    return (Paragraph(charged + answered + "除此之外，没有其他需要报告的事项。"),)


# ---------------------------------------------------------------- narrative reports, 2008–2018


def narrative(agency: Agency, year: int) -> tuple[Block, ...]:
    """A report of the years before the national format, without its signature."""
    return (
        twelve_heads(agency, year) if Draw(agency.key, year).number("outline", 0, 2) == 0 else six_heads(agency, year)
    )


def _channels(draw: Draw) -> tuple[int, int, int, int]:
    web, paper, board = draw.number("web", 40, 420), draw.number("paper", 2, 38), draw.number("board", 3, 64)
    return web + paper + board, web, paper, board


def _asked(agency: Agency, year: int, draw: Draw) -> str:
    count = draw.number("asked", 0, 9) if agency.busy else 0
    if not count:
        return f"{{{year}}}年，{agency.we}未收到公民、法人和其他组织提出的政府信息公开申请。"
    refused = min(draw.number("refused", 0, 2), count)
    return (
        f"{{{year}}}年共收到政府信息公开申请{{{count}}}件，其中当面申请{{{count - refused}}}件、网上申请{{{refused}}}件，均在法定期限内"
        f"答复，同意公开{{{count - refused}}}件，告知不属于本机关公开范围{{{refused}}}件。"
    )


def six_heads(agency: Agency, year: int) -> tuple[Block, ...]:
    """概述 and the items of Art. 32 of the 2007 Regulations."""
    draw = Draw(agency.key, year, "narrative")
    total, web, paper, board = _channels(draw)
    training, staff, number = draw.number("training", 1, 4), draw.number("staff", 1, 4), draw.number("notice", 3, 96)
    return (
        Paragraph(
            f"根据《中华人民共和国政府信息公开条例》（国务院令第{{492}}号）和{agency.place}政务公开工作安排（政办发〔{{{year}}}〕"
            f"{{{number}}}号），现公布{agency.name}{{{year}}}年政府信息公开年度报告。所列数据自{{{year}}}年{{1}}月{{1}}日起，至"
            f"{{12}}月{{31}}日止。"
        ),
        Heading("一、概述"),
        Paragraph(
            f"{{{year}}}年，{agency.we}在{agency.above}领导下，以{agency.topics[0]}为重点推进政府信息公开，调整了领导小组，由主要负责人"
            f"任组长，办公室承担日常工作，配备专兼职人员{{{staff}}}名，召开专题会议和培训{{{training}}}次。"
        ),
        Heading("二、主动公开政府信息的情况"),
        Heading("（一）公开的数量", 2),
        Paragraph(
            f"全年主动公开政府信息{{{total}}}条，其中网站公开{{{web}}}条，报刊广播电视公开{{{paper}}}条，公告栏和办事窗口公开"
            f"{{{board}}}条，全文电子化率达{{{draw.number('digital', 90, 100)}}}％。"
        ),
        Heading("（二）公开的内容", 2),
        Paragraph(
            f"主要包括机构职能、规划计划、人事任免、财政预决算，以及{agency.topics[1]}、{agency.topics[2]}等方面的信息。"
            f"对群众咨询较集中的事项，{agency.we}汇总成问答，在网站和{agency.place}广播电台同步播发。"
        ),
        Heading("三、依申请公开和不予公开政府信息的情况"),
        Paragraph(_asked(agency, year, draw)),
        Heading("四、政府信息公开的收费及减免情况"),
        Paragraph(f"{agency.we}提供政府信息全部免费，{{{year}}}年没有收取检索、复制、邮寄等费用。"),
        Heading("五、因政府信息公开申请行政复议、提起行政诉讼的情况"),
        Paragraph(f"{{{year}}}年没有发生因政府信息公开申请行政复议或者提起行政诉讼的情况，也未接到有关举报。"),
        Heading("六、存在的主要问题及改进情况"),
        Paragraph(
            f"目前的不足，一是公开的广度和深度与群众期待还有距离，二是信息更新有时不够及时。{{{year + 1}}}年，{agency.we}将完善信息报送"
            f"制度，每季度通报一次；继续丰富{agency.topics[0]}方面的内容；加强与新闻单位协作，让不上网的群众也能了解政府工作。"
        ),
    )


def twelve_heads(agency: Agency, year: int) -> tuple[Block, ...]:
    """The longer outline some provinces asked for in the 2010s, from 概述 to 需要说明的事项与附表."""
    draw = Draw(agency.key, year, "twelve")
    total, web, paper, board = _channels(draw)
    calls, meetings = draw.number("calls", 60, 600), draw.number("meetings", 1, 5)
    heads: Sequence[tuple[str, str]] = (
        (
            "概述",
            (
                f"{{{year}}}年，{agency.we}认真执行《中华人民共和国政府信息公开条例》和省政府信息公开办法，以方便群众知情、办事和监督为"
                "出发点，推动公开工作从“给什么看什么”转向“要什么给什么”。"
            ),
        ),
        (
            "组织领导和制度建设情况",
            f"成立由主要负责人任组长的领导小组，全年研究信息公开议题{{{meetings}}}次，修订保密审查、责任追究等制度{{3}}项。",
        ),
        (
            "发布解读、回应社会关切以及互动交流情况",
            (
                f"对{agency.topics[0]}、{agency.topics[1]}两方面的政策逐件配发解读；受理热线来电{{{calls}}}余次，参加{agency.place}电视台"
                "访谈节目{1}期。"
            ),
        ),
        ("重点领域政府信息公开工作推进情况", f"持续公开{agency.topics[2]}信息，“三公”经费预决算按时公布并附说明。"),
        (
            "主动公开政府信息以及公开平台建设情况",
            f"全年主动公开政府信息{{{total}}}条，其中网站{{{web}}}条、报刊电视{{{paper}}}条、公示栏{{{board}}}条。",
        ),
        ("政府信息公开申请的办理情况", _asked(agency, year, draw)),
        ("政府信息公开的收费及减免情况", "政府信息公开未收取任何费用，不涉及减免。"),
        (
            "因政府信息公开申请提起行政复议、行政诉讼的情况",
            "全年没有因政府信息公开引发的行政复议、行政诉讼和举报投诉。",
        ),
        (
            "政府信息公开保密审查及监督检查情况",
            "坚持“谁公开、谁审查、谁负责”，全年未发生失泄密事件；抽查公开信息两次，问题当场整改。",
        ),
        ("所属事业单位信息公开推进情况", "督促所属单位编制公开目录，财务、招聘和服务承诺全部上网上墙。"),
        (
            "存在的主要问题及改进情况",
            f"公开意识还不够强，部分栏目内容单薄。{{{year + 1}}}年将充实{agency.topics[1]}栏目，开展一次全员轮训，并邀请群众代表评议。",
        ),
        ("需要说明的事项与附表", "本年度没有其他需要说明的事项。"),
    )
    numerals = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
    blocks: list[Block] = [
        Paragraph(
            f"根据有关规定，现将{agency.name}{{{year}}}年政府信息公开工作情况报告如下。报告全文共十二个部分，可在{agency.place}政府"
            "门户网站下载。"
        )
    ]
    for numeral, (head, text) in zip(numerals, heads, strict=True):
        blocks += [Heading(f"{numeral}、{head}"), Paragraph(text)]
    return tuple(blocks)


# ---------------------------------------------------------------- what is no report


def self_inspection(agency: Agency, year: int) -> tuple[Block, ...]:
    """自查: looks like a report, is an answer to an inspection."""
    draw = Draw(agency.key, year, "self-inspection")
    return (
        Paragraph(
            f"根据上级关于开展政务公开工作要点落实情况自查的通知，{agency.we}对照要点逐项检查，现将自查情况汇报如下。"
        ),
        Heading("一、要点任务完成情况"),
        Paragraph(
            f"截至目前，{agency.we}主动公开信息{{{draw.number('items', 80, 400)}}}条，要点所列任务{{12}}项已完成{{11}}项。"
        ),
        Heading("二、自查发现的问题"),
        Paragraph("个别科室报送不够主动，公开目录有待细化，已列入下月整改计划。"),
    )


def website_report(agency: Agency, year: int) -> tuple[Block, ...]:
    """政府网站工作年度报表: a form about the website."""
    draw = Draw(agency.key, year, "website")
    return (
        Paragraph(f"填报单位：{agency.name}。填报年度：{{{year}}}年。"),
        Paragraph(
            f"独立用户访问总量{{{draw.number('visitors', 9000, 90000)}}}个，网站总访问量{{{draw.number('visits', 90000, 800000)}}}次，"
            f"信息发布总数{{{draw.number('posts', 200, 2000)}}}条，留言办理平均时间{{{draw.number('days', 1, 5)}}}天。"
        ),
    )


def interpretation(agency: Agency, year: int) -> tuple[Block, ...]:
    """图解 or 解读 of a report."""
    return (
        Paragraph(
            f"一图读懂{agency.name}{{{year}}}年政府信息公开工作年度报告，看看这一年公开了哪些事、办结了多少件申请。"
        ),
        Paragraph("更多内容请阅读年度报告全文。"),
    )


def notice(agency: Agency, year: int) -> tuple[Block, ...]:
    """通知 asking others for their reports."""
    return (
        Paragraph("各乡镇（街道）、各有关单位："),
        Paragraph(
            f"为做好{{{year}}}年政府信息公开工作年度报告编制发布工作，请各单位于{{1}}月{{20}}日前完成初稿，经保密审查后在本单位年报栏目发布，"
            "并将网址报送县政务公开办汇总。"
        ),
    )


def guide(agency: Agency) -> tuple[Block, ...]:
    """政府信息公开指南."""
    return (
        Paragraph(f"为了方便公民、法人和其他组织获取{agency.name}的政府信息，编制本指南。"),
        Heading("一、公开内容"),
        Paragraph("机构职能、政策文件、行政许可和处罚结果、财政信息以及法律法规规定的其他内容。"),
        Heading("二、申请方式"),
        Paragraph("申请人可以当面、信函或者通过网上平台提出申请，本机关自收到申请之日起二十个工作日内答复。"),
    )


def rule_of_law_report(agency: Agency, year: int) -> tuple[Block, ...]:
    """法治政府建设年度报告: yearly and a report, about something else."""
    return (
        Paragraph(f"{{{year}}}年，{agency.we}深入推进依法行政，现将法治政府建设情况报告如下。"),
        Heading("一、主要举措和成效"),
        Paragraph("重大行政决策全部经过合法性审查，执法人员持证上岗率达到百分之百，行政机关负责人按规定出庭应诉。"),
        Heading("二、下一步安排"),
        Paragraph(f"{{{year + 1}}}年将继续完善行政执法公示、全过程记录和法制审核三项制度。"),
    )
