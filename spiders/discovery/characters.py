"""Traditional characters as simplified ones, for the words on the way to a column: 政府信息公開年報."""

from __future__ import annotations

_TRADITIONAL = (
    "開報務專欄網頁門戶單鄉鎮縣區辦錄內動請總結況歷級處廳會員導規範設預決統計財環質審檢發號聯頻題臺園機關構屬領點試標準應議許罰費責權讀圖見訴舉購聞進條"
    "層產業農資庫執監衛醫療運輸軍職勞編項訓評詢術護選對臨緊廣電體學東龍華龜黨團協婦僑紅據實時這個們來為與無爲麗樂書後隊車馬場鐵灣島嶺莊陽橋溝塊陸濱澤蘇蘭寧"
)
_SIMPLIFIED = (
    "开报务专栏网页门户单乡镇县区办录内动请总结况历级处厅会员导规范设预决统计财环质审检发号联频题台园机关构属领点试标准应议许罚费责权读图见诉举购闻进条"
    "层产业农资库执监卫医疗运输军职劳编项训评询术护选对临紧广电体学东龙华龟党团协妇侨红据实时这个们来为与无为丽乐书后队车马场铁湾岛岭庄阳桥沟块陆滨泽苏兰宁"
)
_TABLE = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    """A text with the traditional characters of such words as simplified ones; the others as they are."""
    return text.translate(_TABLE)
