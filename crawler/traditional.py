"""Traditional characters in the words the reader and discovery look for: portals with a 繁體 version, and converted copies.

Only matching uses this; whatever is kept is kept as printed.
"""

from __future__ import annotations

import re

_PAIRS = (
    "號号發发佈布機机構构單单關关時时間间題题標标來来詞词內内類类務务對对導导狀状態态實实級级屬属門门處处稱称長长開开責责編编輯辑"
    "審审閱阅讀读點点擊击覽览數数訪访問问體体組组錄录廢废終终專专報报總总結结說说圖图業业聯联條条規规範范簡简為为複复復复訴诉"
    "訟讼議议請请進进況况項项則则維维護护頁页閉闭載载轉转區区縣县鄉乡鎮镇廳厅辦办會会員员戶户網网與与從从產产農农國国華华應应據据"
    "製制資资訊讯財财稅税監监衛卫經经濟济學学醫医歷历無无計计劃划統统質质設设備备後后現现執执許许權权罰罚強强徵征費费減减過过還还"
    "當当繼继續续舉举證证達达動动義义錯错誤误糾纠準准確确適适線线樣样職职詳详預预決决個个評评價价驗验測测創创優优環环營营廠厂"
    "黨党團团協协濃浓蓋盖簽签發发場场術术兩两萬万億亿圍围節节傳传輸输聽听見见覺觉觀观視视語语講讲論论識识譯译調调諮咨詢询"
)
_TABLE = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
_TRADITIONAL = re.compile(f"[{''.join(sorted({chr(code) for code in _TABLE}))}]")


def simplified(text: str) -> str:
    """The text with every traditional character of official wording in its simplified form, places unchanged."""
    return text.translate(_TABLE) if _TRADITIONAL.search(text) else text
