from pathlib import Path

import pytest

from crawler.errors import RegistryFault, UsageError
from crawler.items import Portal
from spiders import registry

PROVINCE = '[province]\ncode = "33"\nname = "浙江省"\n'
PORTAL = '[[portal]]\nkey = "jinyun"\nname = "缙云县人民政府"\ndivision = "331122"\nhome = "http://jinyun.example/"\n'


def written(folder: Path, text: str, name: str = "33-zhejiang.toml") -> Path:
    file = folder / name
    file.write_bytes(text.encode())
    return file


def faults(folder: Path) -> list[tuple[int | None, str | None]]:
    return [(fault.line, fault.key) for fault in registry.check(folder)]


def test_a_county_takes_five_lines(tmp_path: Path) -> None:
    assert len(PORTAL.splitlines()) == 5
    written(tmp_path, PROVINCE + PORTAL)
    assert registry.check(tmp_path) == []
    assert registry.load(tmp_path).portals == (
        Portal(
            key="jinyun",
            name="缙云县人民政府",
            province="33",
            division="331122",
            home="http://jinyun.example/",
            columns=(),
            platform=None,
            min_reports=0,
            delay=None,
            hosts=(),
            browser=False,
        ),
    )


def test_every_key_of_an_entry_is_read(tmp_path: Path) -> None:
    more = """\
columns = ["http://jinyun.example/nb/"]
platform = "hanweb-jpage"
min_reports = 12
delay = 2
hosts = ["XXGK.jinyun.example", "10.0.0.1:8080"]
browser = true
seen = [{ url = "http://jinyun.example/nb/", where = "a newspaper" }]
verified = 2026-08-20
note = "slow"
former_columns = ["http://jinyun.example/old/"]
"""
    file = written(tmp_path, PROVINCE + PORTAL + more)
    read = registry.load(tmp_path)
    (portal,) = read.portals
    assert (portal.columns, portal.platform) == (("http://jinyun.example/nb/",), "hanweb-jpage")
    assert (portal.min_reports, portal.browser) == (12, True)
    assert (portal.delay, type(portal.delay)) == (2.0, float)
    assert portal.hosts == ("xxgk.jinyun.example", "10.0.0.1:8080")
    known = read.provenance["jinyun"]
    assert (known.file, known.line) == (file, 4)
    assert known.seen == (registry.Seen("http://jinyun.example/nb/", "a newspaper"),)
    assert known.verified is not None
    assert known.verified.isoformat() == "2026-08-20"
    assert (known.note, known.former_columns) == ("slow", ("http://jinyun.example/old/",))


@pytest.mark.parametrize(
    ("line", "key", "says"),
    [
        ("columns = 3", "columns", "must be a list"),
        ("columns = [3]", "columns[0]", "must be text in quotes"),
        ('columns = ["/nb/"]', "columns[0]", "http:// or https://"),
        ('columns = ["http://a.example/x y"]', "columns[0]", "without blanks"),
        ('columns = ["http://a.example/", "http://a.example/"]', "columns[1]", "listed twice"),
        ('platform = "hanweb"', "platform", "did you mean hanweb-"),
        ('platform = ""', "platform", "is blank"),
        ("min_reports = -1", "min_reports", "0 or more"),
        ("min_reports = 1.5", "min_reports", "a whole number"),
        ("min_reports = true", "min_reports", "not true"),
        ("delay = -0.5", "delay", "0 or more"),
        ("delay = inf", "delay", "a number of seconds"),
        ('delay = "2"', "delay", "not text"),
        ("hosts = [{ a = 1 }]", "hosts[0]", "not a table"),
        ('hosts = ["http://a.example"]', "hosts[0]", "must be a host"),
        ('hosts = ["a.example/x"]', "hosts[0]", "must be a host"),
        ('hosts = ["*.example"]', "hosts[0]", "must be a host"),
        ('hosts = ["a.example:99999"]', "hosts[0]", "must be a host"),
        ('hosts = [""]', "hosts[0]", "must be a host"),
        ("browser = 1", "browser", "true or false"),
        ('verified = "2026-08-20"', "verified", "without quotes"),
        ("verified = 2026-08-20T00:00:00", "verified", "a date"),
        ('seen = ["http://a.example/"]', "seen", "must be a list of"),
        ('seen = [{ url = "http://a.example/" }]', "seen[0].where", "is missing"),
        ('seen = [{ url = "a", where = "b" }]', "seen[0].url", "http:// or https://"),
        ("nonsense = 1", "nonsense", "is no key of the registry"),
        ('platfrom = "trs"', "platfrom", "did you mean platform?"),
    ],
)
def test_a_wrong_value_is_named_with_file_line_and_key(tmp_path: Path, line: str, key: str, says: str) -> None:
    file = written(tmp_path, f"{PROVINCE}{PORTAL}# a comment\n{line}\n")
    (fault,) = registry.check(tmp_path)
    assert (fault.file, fault.line, fault.key) == (str(file), 10, key)
    assert says in fault.fault
    assert str(fault).startswith(f"{file}:10: {key}: ")
    with pytest.raises(RegistryFault, match=r"33-zhejiang\.toml:10"):
        registry.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ('"jinyun"\nname', '"Jin Yun"\nname', "key", "a-z, 0-9 and -"),
        ('"缙云县人民政府"', '" "', "name", "is blank"),
        ('"331122"', '"3311"', "division", "six digits"),
        ('"331122"', '"440303"', "division", "not in province 33"),
        ('"331122"', "331122", "division", "must be text in quotes"),
        ('"331122"', '"339999"', "division", "not in GB/T 2260"),
        ('"http://jinyun.example/"', '"jinyun.example"', "home", "http:// or https://"),
        ('"http://jinyun.example/"', '"ftp://jinyun.example/"', "home", "http:// or https://"),
        ('"http://jinyun.example/"', '"http:///x"', "home", "http:// or https://"),
        ('"http://jinyun.example/"', '"http://u:p@jinyun.example/"', "home", "without a user name"),
        ('"http://jinyun.example/"', '"http://jinyun.example:no/"', "home", "http:// or https://"),
        ('"33"', '"34"', "code", "file named for province 33"),
        ('"33"', '"99"', "code", "no province of GB/T 2260"),
        ('"浙江省"', '"江苏省"', "name", "code 33, which is 浙江省"),
    ],
)
def test_what_every_entry_must_have_is_looked_at(tmp_path: Path, old: str, new: str, key: str, says: str) -> None:
    text = PROVINCE + PORTAL
    line = text[: text.index(old)].count("\n") + 1
    written(tmp_path, text.replace(old, new, 1))
    assert any((f.line, f.key) == (line, key) and says in f.fault for f in registry.check(tmp_path))


@pytest.mark.parametrize("key", ["key", "name", "division", "home"])
def test_a_missing_key_is_named_at_its_entry(tmp_path: Path, key: str) -> None:
    lines = [line for line in PORTAL.splitlines(keepends=True) if not line.startswith(f"{key} =")]
    written(tmp_path, PROVINCE + "\n" + "".join(lines))
    assert faults(tmp_path) == [(5, key)]


def test_all_faults_of_all_files_are_told_at_once_and_in_order(tmp_path: Path) -> None:
    written(tmp_path, PROVINCE + PORTAL + "delay = -1\nmin_reports = -1\n")
    written(tmp_path, PORTAL.replace('"331122"', '"1"'), "34-anhui.toml")
    told = [(Path(fault.file).name, fault.line, fault.key) for fault in registry.check(tmp_path)]
    assert told == [
        ("33-zhejiang.toml", 9, "delay"),
        ("33-zhejiang.toml", 10, "min_reports"),
        ("34-anhui.toml", 1, "province"),
        ("34-anhui.toml", 2, "key"),
        ("34-anhui.toml", 4, "division"),
    ]
    with pytest.raises(RegistryFault, match=r"33-zhejiang\.toml:9: delay: .*4 more: nianbao portals check"):
        registry.load(tmp_path)


def test_a_key_is_unique_in_the_whole_registry(tmp_path: Path) -> None:
    written(tmp_path, PROVINCE + PORTAL)
    other = PORTAL.replace("331122", "340100")
    written(tmp_path, '[province]\ncode = "34"\nname = "安徽"\n' + other, "34-anhui.toml")
    (fault,) = registry.check(tmp_path)
    assert (Path(fault.file).name, fault.line, fault.key) == ("34-anhui.toml", 5, "key")
    assert "33-zhejiang.toml:5" in fault.fault


@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("", 1, None),
        ("# only a comment\n", 1, None),
        (PROVINCE, 1, "portal"),
        (PORTAL, 1, "province"),
        (PROVINCE + PORTAL + "home = \n", 9, None),
        (PROVINCE + PORTAL + 'home = "http://twice.example/"\n', 9, None),
        (PROVINCE + "[[portal]\n", 4, None),
        ('portal = "jinyun"\n' + PROVINCE, 1, "portal"),
        ('province = "33"\n' + PORTAL, 1, "province"),
        ("\ufeff" + PROVINCE + PORTAL, 1, None),
        (PROVINCE + "[portal]\nkey = 1\n", 4, "portal"),
        ("oops = 1\n" + PROVINCE + PORTAL, 1, "oops"),
    ],
)
def test_a_file_that_is_no_registry_file_is_told_with_its_line(
    tmp_path: Path, text: str, line: int, key: str | None
) -> None:
    written(tmp_path, text)
    assert faults(tmp_path)[0] == (line, key)


def test_text_that_is_not_utf_8_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "33-zhejiang.toml").write_bytes((PROVINCE + PORTAL).encode("gb18030"))
    assert faults(tmp_path) == [(3, None)]


def test_lines_are_counted_alike_with_windows_line_ends(tmp_path: Path) -> None:
    written(tmp_path, (PROVINCE + PORTAL + "delay = -1\n").replace("\n", "\r\n"))
    assert faults(tmp_path) == [(9, "delay")]


def test_a_folder_without_a_registry_is_a_wrong_call(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no \.toml file"):
        registry.load(tmp_path)
    with pytest.raises(UsageError, match="is no folder"):
        registry.check(tmp_path / "missing")
    written(tmp_path, "not TOML", "._33-zhejiang.toml")  # what some file managers leave behind
    with pytest.raises(UsageError, match=r"holds no \.toml file"):
        registry.check(tmp_path)


def test_a_division_newer_than_the_table_is_a_doubt_and_no_reason_to_refuse(tmp_path: Path) -> None:
    written(tmp_path, PROVINCE + PORTAL.replace("331122", "331199"))
    assert faults(tmp_path) == [(7, "division")]
    read = registry.load(tmp_path)
    assert read.portals[0].division == "331199"
    assert [doubt.key for doubt in read.doubts] == ["division"]


# ---------------------------------------------------------------- choosing


@pytest.fixture
def three(tmp_path: Path) -> registry.Registry:
    second = PORTAL.replace("jinyun", "suichang").replace("331122", "331123")
    written(tmp_path, PROVINCE + PORTAL + second)
    third = PORTAL.replace("jinyun", "zhangdian").replace("331122", "370303")
    written(tmp_path, '[province]\ncode = "37"\nname = "山东省"\n' + third, "37-shandong.toml")
    return registry.load(tmp_path)


def keys(portals: tuple[Portal, ...]) -> list[str]:
    return [portal.key for portal in portals]


def test_portals_are_chosen_by_province_and_key(three: registry.Registry) -> None:
    assert keys(registry.select(three)) == ["jinyun", "suichang", "zhangdian"]
    assert keys(registry.select(three, provinces=["浙江"])) == ["jinyun", "suichang"]
    assert keys(registry.select(three, provinces=["33", "shandong"])) == ["jinyun", "suichang", "zhangdian"]
    assert keys(registry.select(three, portals=["zhangdian", "jinyun"])) == ["jinyun", "zhangdian"]
    assert keys(registry.select(three, provinces=["浙江省"], portals=["suichang"])) == ["suichang"]


def test_a_choice_that_names_nothing_is_refused_with_a_hint(three: registry.Registry) -> None:
    with pytest.raises(UsageError, match=r"no portal 'jinyum'; did you mean jinyun\?"):
        registry.select(three, portals=["jinyum"])
    with pytest.raises(UsageError, match="no province is called 'zhejang'"):
        registry.select(three, provinces=["zhejang"])
    with pytest.raises(UsageError, match="no portal in 41 河南省; it has: 33 浙江省, 37 山东省"):
        registry.select(three, provinces=["河南"])
    with pytest.raises(UsageError, match="'zhangdian' is in 37 山东省, which --province leaves out"):
        registry.select(three, provinces=["浙江"], portals=["zhangdian"])


def test_a_portals_own_hosts_are_those_of_home_columns_and_hosts(tmp_path: Path) -> None:
    more = 'columns = ["https://xxgk.jinyun.example:8443/nb/"]\nhosts = ["www.old.example", "10.0.0.1:8080"]\n'
    written(tmp_path, PROVINCE + PORTAL.replace("http://jinyun", "http://www.jinyun") + more)
    (portal,) = registry.load(tmp_path).portals
    assert registry.own_hosts(portal) == {
        "jinyun.example",
        "xxgk.jinyun.example:8443",
        "old.example",
        "10.0.0.1:8080",
    }
