"""Lists that are not on the page itself: what its scripts, controls and files are asked for, and what comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from scrapy.http import HtmlResponse, TextResponse

from crawler.items import Column, Declared, Fetch, Listing
from spiders.platforms import by_name

COLUMN = Column("http://www.bailu.example.gov.cn/gk/nb/index.html")
HOST = "http://www.bailu.example.gov.cn"
TITLES = [f"白鹿县{name}2022年政府信息公开工作年度报告" for name in ("粮食局", "林业局", "畜牧局")]
HANDLED = (
    "<a class='nx' href='javascript:;' data-page='2'>下一页</a>"
    "<script>$('.nx').click(function(){location='/n?page='+$(this).data('page')})</script>"
)
DRAWN = (
    "<script>var most=3,own='l-{n}.html';function go(n){location.href=own.replace('{n}',n);}"
    "for(var i=1;i<=most;i++){document.write('<a href=\"javascript:go('+i+')\">'+i+'</a>');}</script>"
)
ROWS = "".join(f"<li><a href='/gk/d/{n}.html'>{title}</a></li>" for n, title in enumerate(TITLES))


def page(body: str, url: str = COLUMN.url, platform: str = "plain", **fetch: Any) -> Listing:
    answer = HtmlResponse(url, body=f"<html><body>{body}</body></html>".encode(), encoding="utf-8")
    return by_name(platform).listing(answer, COLUMN, Fetch(url, **fetch))


def asked(listing: Listing) -> list[str]:
    return [
        f"{'' if one.method == 'GET' else 'POST '}{one.url.removeprefix(HOST)} {one.body.decode()}".strip()
        for one in listing.more
    ]


@pytest.mark.parametrize(
    ("script", "requests"),
    [
        (
            "var cid='7f';$.ajax({url:'/api/'+cid+'/list?size=10&page='+page,success:draw});",
            ["/api/7f/list?size=10&page=1"],
        ),
        ("$.ajax({url:'/api/list?col=nb&p=1',dataType:'jsonp',jsonp:'callback'});", ["/api/list?col=nb&p=1"]),
        (
            "$.post('/api/load',{cat:'77',pageIndex:pi,pageSize:8},draw);",
            ["POST /api/load cat=77&pageIndex=1&pageSize=8"],
        ),
        (
            "axios.post('/api/page',{pageNum:1,pageSize:10,columnId:'c8'}).then(draw)",
            ['POST /api/page {"pageNum": 1, "pageSize": 10, "columnId": "c8"}'],
        ),
        (
            "var c='7f';var own='/api/l?code='+c+'&pageNo=1';$.get(own,draw);",
            ["/api/l?code=7f&pageNo=1"],
        ),
        ("var base=location.origin+'/api';$.get(base+'/l?p=1',draw);", ["/api/l?p=1"]),
        (
            "axios.create({baseURL:'/v1'});function l(q){return service({url:'/nb',method:'get',params:q})}l({pageNum:1,size:9});",
            ["/v1/nb?pageNum=1&size=9"],
        ),
        ("fetch('/api/reports?count=8&sort=updateTime').then(draw)", ["/api/reports?count=8&sort=updateTime"]),
        ("var q={page:1,cat:'nb'};axios.get('/api/q',{params:q})", ["/api/q?page=1&cat=nb"]),
        ("x.open('GET','/gk/nb/list.xml',true);", ["/gk/nb/list.xml"]),
        (
            "$('#t').datagrid({url:'list.do',queryParams:{lx:'nb'},pageSize:20})",
            ["POST /gk/nb/list.do lx=nb&page=1&rows=20"],
        ),
        ("table.render({elem:'#t',url:`/api/t`,limit:15})", ["/api/t?page=1&limit=15"]),
        (
            "var s=0;$.getJSON('/api/solr?callback=?',{cat:'nb',start:s,rows:10},draw);$.get('/api/menu',m);",
            ["/api/solr?callback=callback&cat=nb&start=0&rows=10"],
        ),
        ("function get(page){$.getJSON('/gk/list_'+page+'.json',draw)} get(1);", ["/gk/list_1.json"]),
        ("laypage.render({limit:9,jump:o=>$('#c').load('/gk/rows?curr='+o.curr)});", ["/gk/rows?curr=1"]),
        (
            "fetch('/api/q',{method:'POST',headers:{'Content-Type':'application/json'},body:JSON.stringify({lm:'nb',page:{current:1,size:9}})})",
            ['POST /api/q {"lm": "nb", "page": {"current": 1, "size": 9}}'],
        ),
        (
            "table.render({url:'/api/t',method:'post',limit:15,request:{pageName:'current',limitName:'size'}})",
            ["POST /api/t current=1&size=15"],
        ),
        (
            "function draw(pageIndex){$.ajax({type:'POST',url:'/h.ashx',data:'cid=6&pageindex='+(pageIndex+1)})} draw(0);",
            ["POST /h.ashx cid=6&pageindex=1"],
        ),
        (
            (
                "function load(p){$.ajax({type:'POST',contentType:'application/json',url:'/S.asmx/List',"
                'data:"{cat:\'nb\',pageIndex:"+p+"}"})} load(1)'
            ),
            ['POST /S.asmx/List {"cat": "nb", "pageIndex": 1}'],
        ),
        (
            (
                "function ask(q){return Object(n['a'])({url:'/api/p',method:'post',data:q})} "
                "var o={query:{pageNo:1,code:'nb'},load:function(){ask(this.query).then(f)}}"
            ),
            ['POST /api/p {"pageNo": 1, "code": "nb"}'],
        ),
        ("$.getJSON('nb.json?t='+new Date().getTime(),draw)", ["/gk/nb/nb.json?t=1"]),
        (
            "var q=new URLSearchParams();q.append('lm','7');function go(n){q.set('pageNum',n);fetch('/l',{method:'POST',body:q})}",
            ["POST /l lm=7&pageNum=1"],
        ),
        (
            "function ask(p){var s=document.createElement('script');s.src='/o.jsp?callback=show&lm=nb&page='+p;add(s)} ask(1);",
            ["/o.jsp?callback=show&lm=nb&page=1"],
        ),
        (
            "var n=parseInt(location.hash.match(/page=([0-9]+)/)[1]);$.getJSON('d/p-'+n+'.json',draw)",
            ["/gk/nb/d/p-1.json"],
        ),
        ("$.get('/hits?id=3');$.getJSON('/weather.json');", []),
        ("$.get('/api/list?key='+secret());", []),
        ("$.post('/feedback/submit',{page:1,text:'x'});$.post('/vote.do',{id:3});$.post('/api/addComment',{a:1});", []),
    ],
)
def test_a_page_without_a_list_is_asked_for_what_its_script_asks(script: str, requests: list[str]) -> None:
    assert asked(page(f"<div id='list'></div><script>{script}</script>")) == requests


@pytest.mark.parametrize(
    ("held", "script", "request_"),
    [
        ("<input type='hidden' id='cid' value='9'>", "var c=$('#cid').val();$.get('/l?c='+c,draw)", "/l?c=9"),
        ("<div id='box' data-cid='9'></div>", "var b=$('#box');$.get('/l?c='+b.attr('data-cid'),draw)", "/l?c=9"),
        ("<i id='b' data-c='9'></i>", "$.get('/l?c='+document.getElementById('b').dataset.c,draw)", "/l?c=9"),
        (
            "<form id='f'><input type='hidden' name='c' value='9'><input type='hidden' name='pageNo' value='1'></form>",
            "$.post('/l',$('#f').serialize(),draw)",
            "POST /l c=9&pageNo=1",
        ),
        ("", "$.get('/l?c='+getQueryString('lm'),draw)", "/l?c=nb"),
        ("", "$.get('/l?c='+new URLSearchParams(location.search).get('lm'),draw)", "/l?c=nb"),
        ("", "$.get('/l?c='+getQueryString('other'),draw)", None),
    ],
)
def test_what_a_script_reads_from_its_page_is_asked_with(held: str, script: str, request_: str | None) -> None:
    found = page(f"{held}<ul id='l'></ul><script>{script}</script>", f"{COLUMN.url}?lm=nb")
    assert asked(found) == ([request_] if request_ else [])


def test_a_script_file_is_asked_with_what_its_page_holds() -> None:
    (file,) = page("<input type='hidden' id='cid' value='9'><div id='app'></div><script src='w.js'></script>").more
    answer = TextResponse(file.url, body=b"$.get('/l?p=1&c='+$('#cid').val(),draw)", encoding="utf-8")
    assert asked(by_name("plain").listing(answer, COLUMN, file)) == ["/l?p=1&c=9"]


def test_a_function_that_is_called_for_each_year_is_asked_for_each() -> None:
    menu = "".join(f"<li onclick='load({year})'>{year}年</li>" for year in (2022, 2021))
    found = page(f"<ul>{menu}</ul><script>function load(y){{$.get('/gk/list?year='+y,draw)}} load(2022);</script>")
    assert asked(found) == ["/gk/list?year=2022", "/gk/list?year=2021"]


@pytest.mark.parametrize(
    ("body", "requests"),
    [
        ("<script src='/js/jquery.min.js'></script><script src='./data.js'></script>", ["/gk/nb/data.js"]),
        ("<link rel='alternate' type='application/rss+xml' href='rss.xml'>", ["/gk/nb/rss.xml"]),
        ("<table data-url='/api/nb' data-page-size='20'></table>", ["/api/nb?offset=0&limit=20"]),
        (f"<ul>{ROWS}</ul><a href='javascript:;' data-url='/gk/more' data-page='2'>加载更多</a>", ["/gk/more?page=2"]),
        ("<a href='javascript:;' data-src='data/2022.json'>2022年</a>", ["/gk/nb/data/2022.json"]),
        (f"<ul>{ROWS}</ul><a data-url='/gk/more?offset=3'>加载更多</a>", ["/gk/more?offset=3"]),
        (
            f"<ul>{ROWS}</ul><button data-url='/m' data-channel='81' data-page='2' data-pages='3'>加载更多</button>",
            ["/m?channel=81&page=2"],
        ),
        (f"<ul>{ROWS}<li hx-get='/rows?from=3' hx-trigger='revealed'>载入中</li></ul>", ["/rows?from=3"]),
        (
            "<table class='easyui-datagrid' url='/nb.do?lx=2' pageSize='20' data-options=\"method:'post'\"></table>",
            ["POST /nb.do?lx=2 page=1&rows=20"],
        ),
        (f"<ul>{ROWS}</ul><script src='./data.js'></script>", []),
        (f"<ul>{ROWS}</ul><button data-next='/gk/more?from=12'>加载更多</button>", ["/gk/more?from=12"]),
        (
            f"<ul data-url='/gk/part?n={{page}}' data-total-pages='3'>{ROWS}</ul><p>滚动加载</p>",
            ["/gk/part?n=2"],
        ),
        (
            "<ul id='l'></ul><script src='/api/nb?callback=show&pn=1&ps=9'></script>",
            ["/api/nb?callback=show&pn=1&ps=9"],
        ),
        (
            "<div id='app'></div><script src='/js/vendor.1.js'></script><script src='/js/app.1.js'></script>",
            ["/js/app.1.js"],
        ),
        ("<p>本栏目</p><script src='/js/app.1.js'></script>", []),
    ],
)
def test_what_stands_beside_a_page_is_asked_for_where_the_list_is_not_on_it(body: str, requests: list[str]) -> None:
    assert asked(page(body)) == requests


def test_a_year_handed_on_from_function_to_function_is_asked_for() -> None:
    menu = "".join(f"<li><a onclick='year({year})'>{year}年</a></li>" for year in (2022, 2021))
    script = (
        "function year(y){turn(y,1)} function turn(nd,pageIndex)"
        "{$.get('/site/label/8888',{labelName:'nb',nd:nd,pageIndex:pageIndex},draw)}"
    )
    body = f"<ul id='timeFrame'>{menu}</ul><script>{script}</script>"
    urls = [f"/site/label/8888?labelName=nb&nd={year}&pageIndex=1" for year in (2022, 2021)]
    assert [one.url.removeprefix(HOST) for one in page(body, platform="lonsun").columns] == urls
    assert asked(page(body.replace("label/8888", "list"))) == [url.replace("label/8888", "list") for url in urls]


def test_a_menu_of_agencies_that_leads_to_hanwebs_search_is_one_of_columns() -> None:
    menu = "".join(
        f"<a href='/module/xxgk/search.jsp?infotypeId=B01&area={area}'>{agency}</a>"
        for area, agency in (("009140021", "县林业局"), ("009140048", "白鹭县发展和改革局"))
    )
    found = page(f"<div>{menu}</div><iframe name='f'></iframe>", platform="hanweb-xxgk")
    assert [one.agency for one in found.columns] == ["县林业局", "白鹭县发展和改革局"]
    assert not found.more


@pytest.mark.parametrize(
    ("call", "script", "requests"),
    [
        ("<a onclick='turn(2)'>2</a>", "function turn(n){location.href='l_'+n+'.html'}", ["/gk/nb/l_2.html"]),
        (
            "<a href='javascript:next()'>下一页</a>",
            "var p=1;function next(){p++;$.get('/more?page='+p,draw)}",
            ["/more?page=1"],
        ),
        ("<a onclick='turn(2)'>2</a>", "function other(){}", []),
    ],
)
@pytest.mark.parametrize("platform", ["plain", "trs", "hanweb-jpage"])
def test_a_pager_that_only_a_script_file_works_is_read_together_with_the_file(
    call: str, script: str, requests: list[str], platform: str
) -> None:
    files = "<script src='/js/jquery.min.js'></script><script src='../js/own.js'></script>"
    first = page(f"<ul>{ROWS}</ul><div class='page'><a>1</a> {call}</div>{files}", platform=platform)
    assert asked(first) == ["/gk/js/own.js"]
    answer = TextResponse(first.more[0].url, body=script.encode(), encoding="utf-8")
    found = by_name("plain").listing(answer, COLUMN, first.more[0])
    assert (len(found.entries), asked(found), first.declared) == (3, requests, Declared(pages=2))


def test_a_script_of_a_file_of_its_own_is_asked_what_it_asks_for() -> None:
    file = page("<div id='app'></div><script src='/js/app.1.js'></script>").more[0]
    script = "axios.get('/api/list',{params:{page:this.page,cat:'nb'}});function go(r){open('/gk/d/'+r.id+'.html')}"
    answer = TextResponse(file.url, body=script.encode(), encoding="utf-8")
    assert asked(by_name("plain").listing(answer, COLUMN, file)) == ["/api/list?page=1&cat=nb"]


@pytest.mark.parametrize(
    ("pager", "requests"),
    [
        (
            "<script>laypage.render({elem:'p',count:7,limit:3,jump:function(o,first){if(!first){location.href='?page='+o.curr;}}})</script>",
            ["/gk/nb/index.html?page=2", "/gk/nb/index.html?page=3"],
        ),
        (
            "<script>$('#p').pagination(7,{items_per_page:3,callback:function(n){location.href=n==0?'list.html':'list_'+(n+1)+'.html';}})</script>",
            ["/gk/nb/list_2.html", "/gk/nb/list_3.html"],
        ),
        (
            "<script>$('#p').pagination({totalPage:3,callback:function(api){window.location=`list-${api.getCurrent()}.html`}})</script>",
            ["/gk/nb/list-2.html", "/gk/nb/list-3.html"],
        ),
        (
            "<script>function go(n){location.href='l'+n+'.html'} laypage({cont:'p',pages:3,jump:function(o){go(o.curr)}})</script>",
            ["/gk/nb/l2.html", "/gk/nb/l3.html"],
        ),
        (
            "<a href='list-1.html'>首页</a> <a href='list-4.html'>尾页</a>",
            [f"/gk/nb/list-{n}.html" for n in (2, 3, 4, 1)],
        ),
        (
            "<a href='p1.html'><img src='/i/prev.gif'></a><a href='p2.html'><img src='/i/next.gif'></a>",
            ["/gk/nb/p2.html"],
        ),
        ("<a href='/gk/page/2/'>较早的文章</a>", ["/gk/page/2/"]),
        ("<a href='index.html'>首页</a> <a href='index_1.html'>尾页</a>", ["/gk/nb/index_1.html"]),
        (
            "<a href='javascript:;' data-href='p2.html'>2</a><a href='javascript:;' data-href='p3.html'>3</a>",
            ["/gk/nb/p2.html", "/gk/nb/p3.html"],
        ),
        (
            HANDLED,
            ["/n?page=2"],
        ),
        (
            DRAWN,
            ["/gk/nb/l-2.html", "/gk/nb/l-3.html"],
        ),
        (
            (
                "<script>var most=3,own='/gk/l';for(var k=1;k<=most;k++){document.write(\"<a href='\"+own+(k>1?'_'+k:'')+\".html'>\"+k)}"
                "</script>"
            ),
            ["/gk/l_2.html", "/gk/l_3.html"],
        ),
        (
            "<div class='box'><p>" + "白鹿县信息公开。" * 20 + "</p>共2页 <a href='?p=2'>2</a></div>",
            ["/gk/nb/index.html?p=2"],
        ),
        ("第1页/共3页 <a href='?p=2'>2</a> <a href='?p=3'>3</a>", [f"/gk/nb/index.html?p={n}" for n in (2, 3)]),
        ("<a href='?p=1'>第一页</a> <a href='?p=2'>第二页</a>", ["/gk/nb/index.html?p=2"]),
        ("[<a href='?p=1'>1-10</a>] [<a href='?p=2'>11-20</a>]", ["/gk/nb/index.html?p=2"]),
        (
            "<form action='/l'><select name='page' onchange='this.form.submit()'><option>1</option><option>2</option></select></form>",
            ["/l?page=2"],
        ),
        (
            "<form action='/l'><input type='submit' name='page' value='1'><input type='submit' name='page' value='2'></form>",
            ["/l?page=2"],
        ),
        (
            "<table><td onclick='go(1)'>1</td><td onclick='go(2)'>2</td></table><script>function go(n){location='/l?page='+n}</script>",
            ["/l?page=2"],
        ),
        ("<ul><li data-url='/l?page=1'>1</li><li data-url='/l?page=2'>2</li></ul>", ["/l?page=2"]),
        (
            "<script>p(3,'l9');function p(t,n){for(var i=1;i<=t;i++){document.write('<a href=\"'+n+(i==1?'':'_'+i)+'.htm\">'+i)}}</script>",
            ["/gk/nb/l9_2.htm", "/gk/nb/l9_3.htm"],
        ),
        ("[<a href='?y=3'>1</a>] [<a href='?y=8'>2</a>]", []),
        (
            (
                "<script>function go(n){location.href=n==1?'l.html':'l_'+n+'.html'} "
                "for(var j=1;j<=3;j++) s+='<a href=\"javascript:go('+j+')\">'+j+'</a>';</script>"
            ),
            ["/gk/nb/l_2.html", "/gk/nb/l_3.html"],
        ),
        (
            "<script>var t=3,i=0;while(i<t){document.write('<a href=\"'+(i==0?'l':'l_'+i)+'.html\">'+(i+1)+'</a>');i++;}</script>",
            ["/gk/nb/l_1.html", "/gk/nb/l_2.html"],
        ),
        (
            "<script>$('#p').pagination(7,{items_per_page:3,callback:function(i){$('#c').load('part_'+i+'.htm');}})</script>",
            ["/gk/nb/part_1.htm", "/gk/nb/part_2.htm"],
        ),
        ("<script>showBar('pg','l','shtml',0,3,3,8);</script>", [f"/gk/nb/l_{n}.shtml" for n in (1, 2, 3)]),
        ("<script>showBar('pg','l','shtml',0,1,20,3);</script>", []),
        (
            "<script>new Turn({el:'#p',pageCount:3,pageIndex:0,urlPrefix:'l',urlSuffix:'shtml',joiner:'-'})</script>",
            [f"/gk/nb/l-{n}.shtml" for n in (1, 2, 3)],
        ),
        (
            "<p data-pagecount='3' data-currpage='0' data-pagename='l' data-pageext='html'></p>",
            [f"/gk/nb/l_{n}.html" for n in (1, 2, 3)],
        ),
        (
            (
                "<form action='/l'><select name='pageNo' onchange='this.form.submit()'>"
                "<option value=1>1/2</option><option value=2>2/2</option></select></form>"
            ),
            ["/l?pageNo=2"],
        ),
        (
            "<form action='/l'>第1页，共3页，到第<input name='page' size=3>页<input type='submit' value='GO'></form>",
            ["/l?page=2", "/l?page=3"],
        ),
        (
            (
                "<form method='post' action='/l'><input type='hidden' name='__VIEWSTATE' value='v'>"
                "<select name='dd' onchange=\"setTimeout('__doPostBack(\\'dd\\',\\'\\')',0)\">"
                "<option value=1 selected>1</option><option value=2>2</option></select></form>"
            ),
            ["POST /l __VIEWSTATE=v&dd=2&__EVENTTARGET=dd&__EVENTARGUMENT="],
        ),
        (
            (
                "<form method='post' action='/l'><input type='hidden' name='__VIEWSTATE' value='v'><input name='key'>"
                "<input type='submit' name='a' value='上一页' disabled><input type='submit' name='b' value='下一页'></form>"
            ),
            ["POST /l __VIEWSTATE=v&key=&b=%E4%B8%8B%E4%B8%80%E9%A1%B5"],
        ),
        (
            "<form method='post' action='/l'><input type='hidden' name='s' value='1'><input type='image' name='n' alt='下一页'></form>",
            ["POST /l s=1&n.x=1&n.y=1"],
        ),
        (
            (
                "<div>共3页 <input id='tz' size=2><input type='button' value='跳转' onclick='tz()'></div><script>function tz()"
                "{var n=document.getElementById('tz').value;if(n==1)location.href='/l/';else location.href='/l/p_'+n+'.html';}</script>"
            ),
            ["/l/p_2.html", "/l/p_3.html"],
        ),
        (
            (
                "<form action='/q.do' method='post'><input type='hidden' name='lm' value='3'>共<b>2</b>页，转到第"
                "<input name='pager.offset'>页 <button>确定</button></form>"
            ),
            ["POST /q.do lm=3&pager.offset=2"],
        ),
        ("<form action='/s'>共2页<input name='q'><input type='submit' value='GO'></form>", []),
        ("<div><img src='a.png' alt='下一页' onclick=\"location.href='/l?pg=2'\"></div>", ["/l?pg=2"]),
        (
            '<script>window.__STATE__={"page":1,"size":3,"total":7}</script>',
            ["/gk/nb/index.html?page=2", "/gk/nb/index.html?page=3"],
        ),
        (
            "<form action='/l.do'><input type='hidden' name='pg' value='2'><button>下一页</button></form>",
            ["/l.do?pg=2"],
        ),
        (
            "<a onclick='turn(1,3)' href='#'>下一页</a><script>function turn(c,t){if(c<t)location.href='p'+(c+1)+'.html'}</script>",
            ["/gk/nb/p2.html"],
        ),
        (
            "<a onclick='turn(3,3)' href='#'>下一页</a><script>function turn(c,t){if(c<t)location.href='p'+(c+1)+'.html'}</script>",
            [],
        ),
    ],
)
def test_a_pager_is_followed_however_it_is_drawn(pager: str, requests: list[str]) -> None:
    within = pager if pager[0] in "第[" else f"<div>{pager}</div>"
    assert asked(page(f"<ul>{ROWS}</ul>{within}")) == requests


@pytest.mark.parametrize(
    ("script", "requests"),
    [
        (
            "var countPage = 3//共多少页\nvar currentPage = 0;createPage(countPage,0,'index','html');",
            ["/gk/nb/index_1.html", "/gk/nb/index_2.html"],
        ),
        (
            "var m_nRecordCount = '21';var m_nPageSize = 10;var m_sPageName='list';var m_sPageExt='shtml';",
            ["/gk/nb/list_1.shtml", "/gk/nb/list_2.shtml"],
        ),
        ("Pager({size:3, current:0, prefix:'index',suffix:'html'});", ["/gk/nb/index_1.html", "/gk/nb/index_2.html"]),
    ],
)
def test_trs_names_the_size_of_a_list_in_variables_too(script: str, requests: list[str]) -> None:
    assert asked(page(f"<ul>{ROWS}</ul><script>{script}</script>", platform="trs")) == requests


PLAIN = [{"title": title, "url": f"/gk/d/{n}.html"} for n, title in enumerate(TITLES)]
ODD = [{"C_BT": title, "C_LJ": f"/gk/d/{n}.html", "C_ORG": "白鹿县"} for n, title in enumerate(TITLES)]
RSS = "".join(f"<item><title>{title}</title><link>/gk/d/{n}.html</link></item>" for n, title in enumerate(TITLES))
ITEMS = [f"<i title='{title}' url='/gk/d/{n}.html'/>" for n, title in enumerate(TITLES)]
XML = "".join(f"<news><bt><![CDATA[{title}]]></bt><lj>/gk/d/{n}.html</lj></news>" for n, title in enumerate(TITLES))


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"data": {"page": {"rows": ODD}}}),
        json.dumps([[n, title, f"/gk/d/{n}.html"] for n, title in enumerate(TITLES)]),
        json.dumps({"names": ["t", "u"], "rows": [[title, f"/gk/d/{n}.html"] for n, title in enumerate(TITLES)]}),
        f"cb({json.dumps({'list': PLAIN})});",
        f"var listData = {json.dumps(PLAIN)};",
        "var listData = [" + ",".join(f"{{title:'{r['title']}',url:'{r['url']}'}}" for r in PLAIN) + "];",
        f"<?xml version='1.0' encoding='utf-8'?><rss><channel><title>年报</title>{RSS}</channel></rss>",
        f"<?xml version='1.0'?><root><count>3</count>{XML}</root>",
        json.dumps({"data": {"html": f"<ul>{ROWS}</ul>"}}),
        json.dumps({"d": json.dumps({"total": 3, "list": [{**one, "add": "/Date(1674864000000)/"} for one in PLAIN]})}),
    ],
)
def test_a_list_is_read_from_whatever_data_it_comes_as(answer: str) -> None:
    url = f"{HOST}/api/list"
    response = TextResponse(url, body=answer.encode(), encoding="utf-8")
    found = by_name("plain").listing(response, COLUMN, Fetch(url, state={"asked": True, "unpaged": True}))
    assert [(entry.title, entry.url.removeprefix(HOST)) for entry in found.entries] == [
        (title, f"/gk/d/{n}.html") for n, title in enumerate(TITLES)
    ]


def test_a_control_that_came_with_the_rest_says_where_the_list_goes_on() -> None:
    first = page(f"<ul>{ROWS}</ul><button data-next='/gk/more?from=3'>加载更多</button>").more[0]
    further = [
        page(f"{ROWS}{control}", first.url, page=2, state=first.state)
        for control in ("<li><button data-next='/gk/more?from=6'>加载更多</button></li>", "")
    ]
    assert [asked(one) for one in further] == [["/gk/more?from=6"], []]


def test_addresses_in_a_script_file_are_relative_to_the_page_that_shows_them() -> None:
    url = f"{HOST}/gk/nb/js/data.js"
    rows = ",".join(f"{{t:'{title}',u:'../nb/{n}.html'}}" for n, title in enumerate(TITLES))
    answer = TextResponse(url, body=f"var list=[{rows}];".encode(), encoding="utf-8")
    found = by_name("plain").listing(answer, COLUMN, Fetch(url, state={"asked": True, "base": COLUMN.url}))
    assert [entry.url.removeprefix(HOST) for entry in found.entries] == [f"/gk/nb/{n}.html" for n in range(3)]
    written = "".join(
        f"document.write('<li><a href=\"../nb/{n}.html\">{title}</a></li>');" for n, title in enumerate(TITLES)
    )
    answer = TextResponse(url, body=written.encode(), encoding="utf-8")
    found = by_name("plain").listing(answer, COLUMN, Fetch(url, state={"asked": True, "base": COLUMN.url}))
    assert [entry.url.removeprefix(HOST) for entry in found.entries] == [f"/gk/nb/{n}.html" for n in range(3)]


def test_a_record_whose_address_the_page_completes_has_the_whole_one() -> None:
    script = "$.get('/api/l?page=1',d=>d.rows.map(v=>row(\"<a href='/\"+v.URL+\"'>\"+v.TITLE+'</a>')))"
    question = page(f"<div></div><script>{script}</script>").more[0]
    rows = [{"URL": f"d/{n}.html", "TITLE": title} for n, title in enumerate(TITLES)]
    assert [entry.url.removeprefix(HOST) for entry in data({"rows": rows}, **question.state).entries] == [
        f"/d/{n}.html" for n in range(3)
    ]


def test_a_record_without_an_address_has_the_one_the_page_makes_of_it() -> None:
    script = "$.post('/api/load',{page:1});row=\"<a href='/gk/view.do?id=\"+item.ID+\"'>\"+item.MC+'</a>';"
    question = page(f"<div></div><script>{script}</script>").more[0]
    answer = json.dumps({"total": 3, "rows": [{"ID": f"N{n}", "MC": title} for n, title in enumerate(TITLES)]})
    found = by_name("plain").listing(
        TextResponse(question.url, body=answer.encode(), encoding="utf-8"), COLUMN, question
    )
    assert [entry.url.removeprefix(HOST) for entry in found.entries] == [f"/gk/view.do?id=N{n}" for n in range(3)]


@pytest.mark.parametrize(
    ("url", "answer", "following"),
    [
        ("/api/r?limit=3", {"items": PLAIN, "next": "/api/r?limit=3&cursor=c3"}, ["/api/r?limit=3&cursor=c3"]),
        ("/api/r?limit=3", {"items": PLAIN, "nextCursor": "c3"}, ["/api/r?limit=3&cursor=c3"]),
        ("/api/r?limit=3", {"items": PLAIN, "next": None}, []),
        (
            "/api/r?c=7&lastId=",
            {"items": [{**one, "id": n} for n, one in enumerate(PLAIN)], "hasMore": True},
            ["/api/r?c=7&lastId=2"],
        ),
        ("/api/r?c=7&lastId=", {"items": [{**one, "id": n} for n, one in enumerate(PLAIN)], "hasMore": False}, []),
        (
            "/api/r?offset=0&limit=3",
            {"items": PLAIN, "total": 7},
            ["/api/r?offset=3&limit=3", "/api/r?offset=6&limit=3"],
        ),
    ],
)
def test_an_interface_goes_on_by_cursor_and_by_offset(url: str, answer: dict[str, Any], following: list[str]) -> None:
    response = TextResponse(HOST + url, body=json.dumps(answer).encode(), encoding="utf-8")
    found = by_name("plain").listing(response, COLUMN, Fetch(HOST + url, state={"asked": True, "unpaged": True}))
    assert [one.url.removeprefix(HOST) for one in found.more] == following


def test_a_state_in_the_page_says_how_many_records_there_are() -> None:
    state = json.dumps({"list": {"total": 7, "pageSize": 3, "page": 1, "data": PLAIN}}, ensure_ascii=False)
    found = page(f"<div id='app'></div><script>window.__INITIAL_STATE__={state};</script>")
    assert len(found.entries) == 3
    assert found.declared == Declared(7, None, 3)
    assert asked(found) == ["/gk/nb/index.html?page=2", "/gk/nb/index.html?page=3"]


def test_a_list_the_script_holds_whole_is_not_short_for_its_own_pager() -> None:
    rows = json.dumps(PLAIN, ensure_ascii=False)
    found = page(f"<a href='#page=1'>1</a><a href='#page=2'>2</a><script>var all={rows};show(all.slice(0,2));</script>")
    assert (len(found.entries), found.more, found.declared) == (3, (), None)


@pytest.mark.parametrize(
    ("menu", "script"),
    [
        ("<select id='nd'>", "$('#nd').change(function(){ load($(this).val()); });"),
        ("<select onchange='load(this.value)'>", ""),
        ("<select id='nd' onchange=\"load($('#nd').val())\">", ""),
    ],
)
def test_a_menu_whose_choices_are_asked_for_one_by_one(menu: str, script: str) -> None:
    options = "".join(f"<option value='{year}'>{year}年</option>" for year in (2022, 2021))
    load = "function load(y){ $.post('/gk/q.jsp',{nd:y},draw); } load(2022);"
    found = page(f"{menu}{options}</select><div id='c'></div><script>{load}{script}</script>")
    assert asked(found) == ["POST /gk/q.jsp nd=2022", "POST /gk/q.jsp nd=2021"]


def test_pages_between_the_first_numbers_and_the_last_are_asked_for() -> None:
    numbers = " … ".join(f"<a href='list.html?pageNo={number}'>[{number}]</a>" for number in (1, 2, 3, 6))
    found = page(f"<ul>{ROWS}</ul><div>{numbers}</div>", f"{HOST}/gk/nb/list.html?pageNo=1")
    assert asked(found) == [f"/gk/nb/list.html?pageNo={number}" for number in (2, 3, 4, 5, 6)]


def test_years_are_no_pages_between_which_others_lie() -> None:
    years = "".join(f"<a href='./{year}/'>{year}</a>" for year in (2022, 2021))
    found = page(f"<div>{years}</div>", f"{HOST}/gk/nb/wn/")
    assert len(found.more) <= 2


def test_hidden_fields_say_how_long_a_list_is_that_a_script_of_elsewhere_turns() -> None:
    fields = "<input type='hidden' id='totalCount' value='7'><input type='hidden' id='pageSize' value='3'>"
    found = page(f"<ul>{ROWS}</ul>{fields}", f"{HOST}/nb/list.jsp?page=1")
    assert (asked(found), found.declared) == (["/nb/list.jsp?page=2", "/nb/list.jsp?page=3"], Declared(7, None, 3))


def test_an_answer_in_html_goes_on_as_its_question_did() -> None:
    question = page("<div id='c'></div><script>$.post('/q.jsp',{lm:'nb',page:n},draw);</script>").more[0]
    answer = HtmlResponse(question.url, body=f"<ul>{ROWS}</ul>".encode(), encoding="utf-8")
    found = by_name("plain").listing(answer, COLUMN, question)
    assert (len(found.entries), asked(found)) == (3, ["POST /q.jsp lm=nb&page=2"])


@pytest.mark.parametrize(
    ("item", "script"),
    [
        (
            "<a href='javascript:;' class='it' data-id='{}'>{}</a>",
            "$('.it').click(function(){location.href='/gk/d/'+$(this).data('id')+'.html'})",
        ),
        ("<a href='#' class='it' data-id='{}'>{}</a>", "on('.it',e=>window.open(`/gk/d/${e.dataset.id}.html`))"),
    ],
)
def test_a_link_whose_address_its_handler_makes_of_what_it_carries(item: str, script: str) -> None:
    rows = "".join(f"<li>{item.format(number, title)}</li>" for number, title in enumerate(TITLES))
    found = page(f"<ul>{rows}</ul><script>{script}</script>")
    assert [entry.url.removeprefix(HOST) for entry in found.entries] == [f"/gk/d/{number}.html" for number in range(3)]


def test_a_row_whose_handler_stands_on_the_row_is_opened_though_its_link_leads_nowhere() -> None:
    rows = "".join(f"<li class='it' data-id='{n}'><a href='#'>{title}</a></li>" for n, title in enumerate(TITLES))
    found = page(
        f"<ul>{rows}</ul><script>$('.it').click(function(){{location='/d/'+$(this).data('id')+'.html'}})</script>"
    )
    assert [entry.url.removeprefix(HOST) for entry in found.entries] == [f"/d/{number}.html" for number in range(3)]


def test_a_row_is_opened_by_a_handler_of_the_block_it_stands_in() -> None:
    rows = "".join(f"<tr data-key='{n}'><td>{title}</td></tr>" for n, title in enumerate(TITLES))
    script = "$('.list tr').on('click',function(){location.href='/gk/v?k='+$(this).attr('data-key')})"
    found = page(f"<table class='list'>{rows}</table><script>{script}</script>")
    assert [entry.url.removeprefix(HOST) for entry in found.entries] == [f"/gk/v?k={n}" for n in range(3)]


def test_agencies_of_a_form_whose_button_says_no_type_are_asked_for() -> None:
    options = "<option value='1'>白鹿县教育局</option><option value='2'>白鹿县水务局</option>"
    form = f"<form method='post' action='l.do'><select name='d'>{options}</select><button>查询</button></form>"
    assert asked(page(f"{form}<ul>{ROWS}</ul>")) == ["POST /gk/nb/l.do d=1", "POST /gk/nb/l.do d=2"]


def test_a_year_that_aspnet_posts_back_is_asked_for() -> None:
    change = "setTimeout('__doPostBack(\\'ddl\\',\\'\\')', 0)"
    menu = f'<select name="ddl" onchange="{change}"><option selected>2022年</option><option>2021年</option></select>'
    hidden = "<input type='hidden' name='__VIEWSTATE' value='v1'><input type='hidden' name='__EVENTTARGET' value=''>"
    found = page(f"<form method='post' action='n.aspx'>{hidden}{menu}<ul>{ROWS}</ul></form>", platform="aspx")
    assert asked(found) == ["POST /gk/nb/n.aspx __VIEWSTATE=v1&__EVENTTARGET=ddl&ddl=2021%E5%B9%B4&__EVENTARGUMENT="]


def test_an_answer_that_says_there_is_more_and_not_how_it_is_asked_for_declares_it() -> None:
    assert data({"list": PLAIN, "hasNext": True}).declared == Declared(pages=2)
    assert data({"list": PLAIN, "hasNext": False}).declared is None


def test_years_of_a_form_that_is_posted_are_asked_for_except_the_one_that_is_shown() -> None:
    options = "".join(f"<option value='{y}'{' selected' * (y == 2022)}>{y}年</option>" for y in (2022, 2021, 2020))
    menu = f"<select name='nd' onchange='this.form.submit()'>{options}</select>"
    found = page(f"<form method='post' action='q.do'>{menu}</form><ul>{ROWS}</ul>")
    assert asked(found) == ["POST /gk/nb/q.do nd=2021", "POST /gk/nb/q.do nd=2020"]


def test_the_choice_that_is_made_is_sent_with_the_number_of_the_page() -> None:
    menu = (
        "<select name='nd'><option value='2022'>2022年</option><option value='2021' selected>2021年</option></select>"
    )
    form = f"<form name='f' method='post' action='q.do'>{menu}<input type='hidden' name='pageNo' value='1'></form>"
    turn = "<script>function go(n){document.f.pageNo.value=n;document.f.submit();}</script>"
    found = page(f"{form}<ul>{ROWS}</ul><a href='javascript:go(2)'>下一页</a>{turn}")
    assert asked(found)[0] == "POST /gk/nb/q.do nd=2021&pageNo=2"


def test_every_year_of_a_list_the_script_holds_by_years_is_read() -> None:
    years = {year: [{**row, "url": f"/{year}{row['url']}"} for row in PLAIN] for year in ("2022", "2021")}
    assert len(page(f"<script>var nb={json.dumps(years, ensure_ascii=False)};</script>").entries) == 6


def test_records_kept_in_a_hidden_text_are_a_list() -> None:
    kept = json.dumps(PLAIN, ensure_ascii=False).replace('"', "&quot;")
    assert len(page(f"<textarea id='d'>{kept}</textarea><script>draw($('#d').val())</script>").entries) == 3


def test_the_next_page_is_asked_for_within_what_was_sent() -> None:
    body = "JSON.stringify({page:{current:1}})"
    sent = f"fetch('/q',{{method:'POST',headers:{{'Content-Type':'application/json'}},body:{body}}})"
    question = page(f"<script>{sent}</script>").more[0]
    response = TextResponse(question.url, body=json.dumps({"pages": 2, "rows": PLAIN}).encode(), encoding="utf-8")
    assert asked(by_name("plain").listing(response, COLUMN, question)) == ['POST /q {"page": {"current": 2}}']


def data(answer: Any, platform: str = "plain", **state: Any) -> Listing:
    url = f"{HOST}/api/list"
    response = TextResponse(url, body=json.dumps(answer).encode(), encoding="utf-8")
    return by_name(platform).listing(response, COLUMN, Fetch(url, state={"asked": True, "unpaged": True, **state}))


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps({"data": {"2022": PLAIN[:1], "2021": PLAIN[1:]}}),
        json.dumps([{"year": 2022, "list": PLAIN[:1]}, {"year": 2021, "list": PLAIN[1:]}]),
        f"<?xml version='1.0'?><r><y name='2022年'>{ITEMS[0]}</y><y name='2021年'>{ITEMS[1]}{ITEMS[2]}</y></r>",
    ],
)
def test_data_by_years_is_read_whole_and_each_record_is_of_its_year(answer: str) -> None:
    url = f"{HOST}/api/list"
    response = TextResponse(url, body=answer.encode(), encoding="utf-8")
    found = by_name("plain").listing(response, COLUMN, Fetch(url, state={"asked": True, "unpaged": True}))
    assert [(entry.title, entry.column.report_year) for entry in found.entries] == list(
        zip(TITLES, (2022, 2021, 2021), strict=True)
    )


def test_of_several_lists_in_data_those_that_hold_reports_are_read() -> None:
    notices = [{"title": f"关于做好第{n}批项目申报工作的通知", "url": f"/tz/{n}.html"} for n in range(4)]
    blocks = [("通知公告", notices), ("政府年报", PLAIN[:1]), ("部门年报", PLAIN[1:])]
    found = data({"rows": [{"name": name, "items": items} for name, items in blocks]})
    assert [entry.title for entry in found.entries] == TITLES


def test_a_record_is_opened_as_a_method_of_the_page_opens_it() -> None:
    row = "<div id='app'><li v-for='r in rows' @click='go(r.id)'>{{r.title}}</li></div>"
    script = "new Vue({methods:{load(){axios.get('/api/l?page=1')},go(id){window.open('/d/'+id+'.html')}}})"
    question = page(f"{row}<script>{script}</script>").more[0]
    found = data({"rows": [{"id": n, "title": title} for n, title in enumerate(TITLES)]}, **question.state)
    assert [entry.url.removeprefix(HOST) for entry in found.entries] == [f"/d/{n}.html" for n in range(3)]


@pytest.mark.parametrize(
    "script",
    [
        "$('.y').click(function(){$.get('/gk/l?y='+$(this).data('year'),draw)})",
        "$(document).on('click','.y',function(){$.post('/gk/l',{y:$(this).attr('data-year')},draw)})",
    ],
)
def test_a_year_is_asked_for_as_a_click_on_it_asks(script: str) -> None:
    years = "".join(f"<a class='y' href='javascript:;' data-year='{year}'>{year}年</a>" for year in (2022, 2021))
    found = page(f"{years}<ul>{ROWS}</ul><script>{script}</script>")
    sent = "POST /gk/l y=" if "post" in script else "/gk/l?y="
    assert asked(found) == [f"{sent}2022", f"{sent}2021"]


def test_jquery_s_load_is_no_call_of_the_page_s_own_function_of_that_name() -> None:
    script = "function load(n){$('#l').load('/gk/part?page='+n)} load(1);"
    assert asked(page(f"<div id='l'></div><script>{script}</script>")) == ["/gk/part?page=1"]


@pytest.mark.parametrize(
    ("shows", "declared"),
    [
        ("$('#l li').hide().slice(n*2-2,n*2).show()", None),
        ("engine.turn(n);$('#l').show()", Declared(pages=2)),
    ],
)
def test_a_pager_that_shows_what_the_page_holds_declares_no_more(shows: str, declared: Declared | None) -> None:
    pager = "<p>共2页 <a href='javascript:turn(1)'>1</a> <a href='javascript:turn(2)'>2</a></p>"
    found = page(f"<ul id='l'>{ROWS}</ul>{pager}<script>function turn(n){{{shows}}}</script>")
    assert (len(found.entries), found.declared) == (3, declared)


def test_a_tree_of_agencies_that_comes_as_data_holds_columns() -> None:
    nodes = [{"id": n, "name": name} for n, name in enumerate(("白鹿县教育局", "白鹿县水务局", "审计局"))]
    question = page("<script>$.getJSON('/t.json',d=>z(d,n=>$('#f').attr('src','/dw.html?id='+n.id)))</script>").more[0]
    found = data(nodes, **question.state)
    assert [(column.url.removeprefix(HOST), column.agency) for column in found.columns] == [
        ("/dw.html?id=0", "白鹿县教育局"),
        ("/dw.html?id=1", "白鹿县水务局"),
        ("/dw.html?id=2", "审计局"),
    ]


@pytest.mark.parametrize("platform", ["plain", "trs", "igs", "lonsun", "vsb", "hanweb-xxgk", "gongkai", "eportal"])
def test_html_inside_data_is_read_whatever_the_portal_is_made_with(platform: str) -> None:
    assert len(data({"html": f"<ul>{ROWS}</ul>", "more": True}, platform).entries) == 3


def test_an_interface_that_is_posted_to_and_counts_from_nought_misses_no_page() -> None:
    question = page("<script>var pageIndex=0;$.post('/q.do',{pageIndex:pageIndex,lm:'nb'},draw)</script>").more[0]
    response = TextResponse(question.url, body=json.dumps({"total": 7, "rows": PLAIN}).encode(), encoding="utf-8")
    found = by_name("plain").listing(response, COLUMN, question)
    assert asked(found) == [f"POST /q.do pageIndex={number}&lm=nb" for number in (1, 2)]


def test_files_numbered_by_page_are_asked_for_one_after_the_other() -> None:
    question = page("<script>function get(page){$.getJSON('d_'+page+'.json',draw)} get(1);</script>").more[0]
    response = TextResponse(question.url, body=json.dumps({"pageCount": 3, "rows": PLAIN}).encode(), encoding="utf-8")
    assert asked(by_name("plain").listing(response, COLUMN, question)) == ["/gk/nb/d_2.json", "/gk/nb/d_3.json"]


def test_an_address_a_template_binds_is_that_of_the_record() -> None:
    row = "<a v-for='a in l' :href=\"'/d/'+a.articleId+'.html'\">{{a.title}}</a>"
    question = page(f"{row}<script>axios.get('/api/l',{{params:{{page:1}}}})</script>").more[0]
    assert question.state["address"] == ("/d/", "articleId", ".html")


def test_a_list_ends_where_its_hidden_fields_say_that_it_ends() -> None:
    fields = "<input type='hidden' id='totalPage' value='3'>"
    turn = "<a href='javascript:go(4)'>下一页</a><script>function go(n){location.href='l.jsp?p='+n}</script>"
    assert page(f"<ul>{ROWS}</ul>{fields}{turn}").more != ()
    found = page(f"<ul>{ROWS}</ul>{fields}{turn}", f"{HOST}/gk/nb/l.jsp?p=3")
    assert asked(page(f"<ul>{ROWS}</ul>{fields}{turn}", f"{HOST}/gk/nb/l.jsp?p=3", page=3)) == []
    assert found.entries


@pytest.mark.parametrize("names", ["pi ps", "pg size", "page_no page_size"])
def test_a_question_is_asked_for_its_second_page_by_the_name_it_has_for_it(names: str) -> None:
    number, size = names.split()
    question = page(f"<div id='l'></div><script>$.get('/api/l?{number}=1&{size}=3',draw)</script>").more[0]
    answer = TextResponse(question.url, body=json.dumps({"total": 5, "list": PLAIN}).encode(), encoding="utf-8")
    assert asked(by_name("plain").listing(answer, COLUMN, question)) == [f"/api/l?{number}=2&{size}=3"]


def test_years_on_an_image_map_are_columns() -> None:
    areas = "".join(f"<area href='{year}/' alt='{year}年'>" for year in (2022, 2021))
    found = page(f"<img usemap='#y'><map name='y'>{areas}</map>")
    assert [(column.url.removeprefix(HOST), column.report_year) for column in found.columns] == [
        ("/gk/nb/2022/", 2022),
        ("/gk/nb/2021/", 2021),
    ]


def test_a_frame_a_script_fills_is_followed() -> None:
    found = page("<iframe id='f'></iframe><script>document.getElementById('f').src='list.htm';</script>")
    assert asked(found) == ["/gk/nb/list.htm"]


@pytest.mark.parametrize(
    ("script", "requests"),
    [
        (
            "createPage(3,'/common/search/a1b2c3d4e5f60718293a4b5c6d7e8f90?_isJson=true&_pageSize=3&page=')",
            [
                "/common/search/a1b2c3d4e5f60718293a4b5c6d7e8f90?page=1&_pageSize=3&_isAgg=true&_isJson=true&_template=index"
            ],
        ),
        ("$.getJSON('/common/search/a1b2c3d4e5f60718293a4b5c6d7e8f90?page=1&_pageSize=5',hot)", []),
    ],
)
def test_ucap_s_first_page_goes_on_in_the_interface_a_script_turns_pages_with(script: str, requests: list[str]) -> None:
    found = page(f"<ul>{ROWS}</ul><script>{script}</script>", platform="ucap")
    assert (len(found.entries), asked(found)) == (3, requests)


@pytest.mark.parametrize(
    ("script", "requests"),
    [
        ("var p=1;$(window).scroll(function(){if(near()){p++;$.get('/gk/more?page='+p,add);}});", ["/gk/more?page=1"]),
        (
            "var n=1;window.addEventListener('scroll',()=>{loadMore()});function loadMore(){fetch('/gk/l?page='+n++)}",
            ["/gk/l?page=1"],
        ),
        ("$(window).scroll(function(){$('#top').show();});$.get('/gk/search?page=1',add);", []),
    ],
)
def test_a_list_that_grows_as_it_is_scrolled_is_asked_for_the_rest(script: str, requests: list[str]) -> None:
    found = page(f"<ul>{ROWS}</ul><script>{script}</script>")
    assert (len(found.entries), asked(found)) == (3, requests)


@pytest.mark.parametrize(
    ("pager", "requests"),
    [
        (
            "kkpager.init({pno:1,total:3,totalRecords:7,hrefFormer:'list',getLink:function(n){return this.hrefFormer+'_'+n+'.html';}});",
            ["/gk/nb/list_2.html", "/gk/nb/list_3.html"],
        ),
        (
            "Pager.init({el:'#pg',total:7,pageSize:3,current:1,url:'/gk/nb/p{page}.html'});",
            ["/gk/nb/p2.html", "/gk/nb/p3.html"],
        ),
        (
            "var total=7,size=3;laypage.render({count:total,limit:size,jump:function(o){location.href='l_'+o.curr+'.html'}})",
            ["/gk/nb/l_2.html", "/gk/nb/l_3.html"],
        ),
    ],
)
def test_a_pager_that_makes_its_addresses_is_asked_for_every_page(pager: str, requests: list[str]) -> None:
    assert asked(page(f"<ul>{ROWS}</ul><div id='pg'></div><script>{pager}</script>")) == requests


def test_a_pager_of_any_name_that_cannot_be_worked_is_a_declaration() -> None:
    found = page(f"<ul>{ROWS}</ul><script>kkpager.init({{pno:1,total:3,totalRecords:7}})</script>")
    assert found.declared == Declared(records=7, pages=3)


@pytest.mark.parametrize(
    ("platform", "script", "told"),
    [
        (
            "hanweb-xxgk",
            "var area='113300000000000011';$.post('/module/xxgk/search.jsp',{infotypeId:'B1',jdid:'2',area:area},draw)",
            "area=113300000000000011",
        ),
        (
            "lonsun",
            "var organ='77';Ls.ajax({url:'/site/label/8888',data:{labelName:'publicInfoList',siteId:'6',organId:organ,pageIndex:1}})",
            "organId=77",
        ),
        (
            "igs",
            "var ch='55';$.get({url:'/igs/front/search/list.html',data:{type:'nb',siteId:'7',channelId:ch,pageNumber:1}})",
            "channelId=55",
        ),
        (
            "igs",
            "var ch='55';var own='/igs/front/search.jhtml?code='+ch+'&siteId=3&pageNumber=1';$.get(own,draw)",
            "code=55&siteId=3",
        ),
    ],
)
def test_a_variable_in_a_platforms_question_is_sent_as_its_value(platform: str, script: str, told: str) -> None:
    (first, *_) = asked(page(f"<div id='l'></div><script>{script}</script>", platform=platform))
    assert told in first


@pytest.mark.parametrize(
    ("attributes", "script"),
    [
        (
            "data-id='{year}'",
            "$('.tab li').click(function(){var id=$(this).attr('data-id');$('#box').load('/y?y='+id);});",
        ),
        ("data-id='{year}'", "$('.tab').on('click','li',function(){$.get('/y?y='+$(this).data('id'),draw)});"),
        ("onclick=\"load('{year}')\"", "function load(y){$.ajax({url:'/y',data:{y:y},success:draw})}"),
    ],
)
@pytest.mark.parametrize("platform", ["plain", "trs", "hanweb-jpage"])
def test_a_year_that_a_click_asks_for_is_asked_for_beside_the_one_that_is_shown(
    attributes: str, script: str, platform: str
) -> None:
    menu = "".join(f"<li {attributes.format(year=year)}>{year}年</li>" for year in (2022, 2021))
    found = page(f"<ul class='tab'>{menu}</ul><ul id='box'>{ROWS}</ul><script>{script}</script>", platform=platform)
    assert (len(found.entries), asked(found), found.unread) == (3, ["/y?y=2022", "/y?y=2021"], None)


@pytest.mark.parametrize(
    ("menu", "unread"),
    [
        ("<ul class='tab'><li class='on'>2022年</li><li>2021年</li></ul>", "choices_unasked"),
        ("<select><option>2022</option><option>2021</option></select>", "choices_unasked"),
        ("<ul><li>2022年</li></ul>", None),
        ("<ul><li><a href='/gk/nb/2022/'>2022年</a></li><li><a href='/gk/nb/2021/'>2021年</a></li></ul>", None),
        ("<table><tr><td>2022年</td><td>某数</td></tr></table>", None),
    ],
)
def test_a_menu_of_years_that_nobody_can_ask_for_is_said(menu: str, unread: str | None) -> None:
    assert page(f"{menu}<ul>{ROWS}</ul><script src='/js/t.js'></script>").unread == unread


def test_the_years_of_panels_that_the_page_holds_are_no_choice() -> None:
    rows = "".join(
        f"<ul><li><a href='/gk/d/{year}0103/7.html'>白鹿县粮食局{year}年政府信息公开工作年度报告</a></li></ul>"
        for year in (2022, 2021)
    )
    assert page(f"<ul class='tab'><li>2022年</li><li>2021年</li></ul><div>{rows}</div>").unread is None


def test_a_menu_of_years_that_comes_as_data_is_one_of_columns() -> None:
    found = data({"nodes": [{"text": f"{year}年", "href": f"/gk/list_{year}.html"} for year in (2022, 2021)]})
    assert [(one.report_year, one.url.removeprefix(HOST)) for one in found.columns] == [
        (2022, "/gk/list_2022.html"),
        (2021, "/gk/list_2021.html"),
    ]


def test_of_lists_in_files_of_their_own_that_of_the_annual_reports_is_a_column() -> None:
    lists = [{"name": name, "file": f"data/{n}.js"} for n, name in enumerate(("政府信息公开年报", "政府信息公开指南"))]
    assert [one.url.removeprefix(HOST) for one in data(lists).columns] == ["/api/data/0.js"]


def test_a_tree_whose_nodes_a_function_opens_by_number_is_one_of_columns() -> None:
    nodes = ",".join(f"{{id:{n},pId:1,name:'白鹿县{name}局'}}" for n, name in ((11, "粮食"), (12, "林业")))
    script = f"var z=[{nodes}];function open(n){{$('#f').attr('src','/gk/node.jsp?node='+n.id);}}"
    found = page(f"<ul id='tree'></ul><iframe id='f'></iframe><script>{script}</script>")
    assert [(one.agency, one.url.removeprefix(HOST)) for one in found.columns] == [
        ("白鹿县粮食局", "/gk/node.jsp?node=11"),
        ("白鹿县林业局", "/gk/node.jsp?node=12"),
    ]
    assert not found.more


def test_a_menu_a_script_writes_is_asked_for_each_of_its_records() -> None:
    units = ",".join(f"{{id:{n},name:'白鹿县{name}局'}}" for n, name in ((11, "粮食"), (12, "林业"), (13, "水务")))
    script = (
        f"var us=[{units}];us.forEach(function(u){{$('#t').append('<a onclick=\"show('+u.id+')\">'+u.name+'</a>')}});"
        "function show(id){$.getJSON('/l.json?unit='+id,draw)} show(11);"
    )
    assert asked(page(f"<ul id='l'></ul><script>{script}</script>")) == [f"/l.json?unit={n}" for n in (11, 12, 13)]


def test_years_of_a_menu_are_each_asked_for_when_one_is_chosen() -> None:
    menu = "<select id='nd'><option value='2022'>2022年</option><option value='2021'>2021年</option></select>"
    script = "$('#nd').on('change',function(){$.post('/y',{nd:$(this).val()},draw)})"
    found = page(f"{menu}<ul>{ROWS}</ul><script>{script}</script>")
    assert (asked(found), found.unread) == (["POST /y nd=2022", "POST /y nd=2021"], None)


def test_more_than_a_dozen_requests_of_one_address_are_one_interface() -> None:
    units = "".join(f"<a onclick='show({n})'>{n}</a>" for n in range(20))
    found = page(f"{units}<ul id='l'></ul><script>function show(id){{$.get('/l.json?unit='+id,draw)}}</script>")
    assert len(found.more) == 20


def test_rows_of_an_island_of_xml_are_read() -> None:
    rows = "".join(f"<row><title>{title}</title><link>/gk/d/{n}.html</link></row>" for n, title in enumerate(TITLES))
    turns = "<table datasrc='#dso' dataPageSize='2'></table><a href='javascript:t.nextPage()'>下一页</a>"
    found = page(f"<xml id='dso'><rows>{rows}</rows></xml>{turns}")
    assert found.declared is None
    assert [(entry.title, entry.url.removeprefix(HOST)) for entry in found.entries] == [
        (title, f"/gk/d/{n}.html") for n, title in enumerate(TITLES)
    ]


def test_two_boxes_of_hanwebs_on_one_page_are_both_read_to_their_end() -> None:
    box = (
        "<div><script type='text/xml'><datastore><totalrecord>40</totalrecord><totalpage>4</totalpage><recordset>{rows}</recordset>"
        "</datastore></script></div><script>$('#{unit}').jpage({{perPage:10,totalRecord:40,proxyUrl:'/module/web/jpage/dataproxy.jsp',"
        "col:1,webid:5,columnid:50,unitid:'{unit}'}});</script>"
    )
    boxes = ""
    for unit, place in (("91", "局"), ("92", "镇")):
        rows = "".join(
            f"<record><![CDATA[<a href='/art/2023/1/{n}/art_50_{unit}{n}.html'>白鹿{n}{place}2022年政府信息公开工作年度报告</a>]]></record>"
            for n in range(1, 11)
        )
        boxes += box.format(rows=rows, unit=unit)
    found = page(boxes, f"{HOST}/col/col50/index.html", platform="hanweb-jpage")
    assert (len(found.entries), found.declared) == (20, Declared(80))
    assert [one.body.decode().partition("unitid=")[2][:2] for one in found.more] == ["91", "92"]
