"""Pages made of script that only a browser gets past."""

from __future__ import annotations

import re

from crawler.errors import Blocked
from crawler.refusals.answer import Answer

_RIVERSAFE = re.compile(
    r"\$_ts\b|FSSBBIl1UgzbN7N80|4hP44ZykCTt5P|MmEwMd|<(?:meta|script)\b[^<>]*\br\s*=\s*(['\"])m\1", re.I
)
_RIVERSAFE_COOKIE = re.compile(rb"FSSBBIl1UgzbN7N80[ST]=|4hP44ZykCTt5P\w?=|[A-Za-z0-9]{11,20}(?:80)?[STOP]=")
_JSL = re.compile(r"__jsl_clearance|'_'\)?\s*\+\s*\(?'_'\)?\s*\+\s*\(?'j'\)?\s*\+\s*\(?'s'\)?\s*\+\s*\(?'l'")
_OTHER_PRODUCT = re.compile(
    r"acw_sc__v\d|\barg1\s*=\s*['\"][0-9A-F]{40}|security_session_verify|security_verify_data|yunsuo_session|"
    r"wzwsconfirm|"
    r"wzws_cid|cf-chl|challenge-platform|_cf_chl_opt|waf_captcha|WAF_VERIFY|TSPD_101|bobcmn|aliyun_waf|/_guard/|"
    r"SafeLineChallenge|_Incapsula_Resource",
    re.I,
)
_SETS_COOKIE = re.compile(r"document\s*(?:\.\s*cookie|\[\s*['\"]cookie['\"]\s*\])\s*=(?!=)")
_ITSELF = (
    r"(?:(?:window|document|self|top)\s*\.\s*)?"
    r"(?:location(?:\s*\.\s*(?:href|pathname\s*\+[^;}]*search|toString\(\)))?|document\s*\.\s*URL)\s*(?:[;,)}\"'\n<]|\Z)"
)
_RELOADS = re.compile(
    r"location\s*\.\s*reload\s*\(|history\s*\.\s*go\s*\(\s*0"
    rf"|location(?:\s*\.\s*href)?\s*=(?!=)\s*{_ITSELF}|location\s*\.\s*(?:replace|assign)\s*\(\s*{_ITSELF}"
)


def challenge(answer: Answer) -> Blocked | None:
    """Pages made of script that only a browser gets past. We stop there."""
    status, url = answer.status, answer.url
    if status == 412:
        return Blocked(f"412, script challenge (瑞数): {url}", name="riversafe_412")
    if (status == 521 and answer.header(b"cf-ray") is None) or (
        status == 512
        and (
            answer.header(b"x-via-jsl") is not None
            or any(cookie.startswith(b"__jsl") for cookie in answer.cookies)
            or _JSL.search(answer.script)
        )
    ):
        return Blocked(f"{status}, script challenge (加速乐): {url}", name=f"jsl_{status}")
    if not answer.is_markup or not answer.shows_little:
        return None
    if _JSL.search(answer.script):
        return Blocked(f"{status}, script challenge (加速乐): {url}", name=f"jsl_{status}")
    if _RIVERSAFE.search(answer.text):
        return Blocked(f"{status}, script challenge (瑞数): {url}", name=f"riversafe_{status}")
    if _OTHER_PRODUCT.search(answer.text):
        return Blocked(f"{status}, script challenge: {url}", name="js_challenge")
    has_script = "<script" in answer.text.lower()
    if _SETS_COOKIE.search(answer.script) and (_RELOADS.search(answer.text) or answer.comes_back):
        return Blocked(f"{status}, a page that sets a cookie and reloads: {url}", name="cookie_challenge")
    if not answer.wordless:
        return None
    if status == 202 and has_script:
        named = any(_RIVERSAFE_COOKIE.match(cookie) for cookie in answer.cookies)
        return Blocked(f"202, a page of script without words: {url}", name="riversafe_202" if named else "js_challenge")
    if (answer.comes_back or (has_script and _RELOADS.search(answer.script))) and status in (200, 202, 403, 503):
        return Blocked(f"{status}, a page that only asks for itself again: {url}", name="refresh_challenge")
    return None
