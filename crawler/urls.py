"""One report, many URLs: which addresses are the same. Standard library only.

``clean`` gives an address that can still be fetched; ``identity`` gives the key under which the archive knows it.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from urllib.parse import SplitResult, quote, unquote, urlsplit

SESSION_PARAMETERS = frozenset({"jsessionid", "shirojsessionid", "phpsessid", "sessionid", "session_id"})
TRACKING_PARAMETERS = frozenset({"spm", "gclid", "fbclid", "isappinstalled", "share_token", "bd_vid"})
SHARE_ORIGINS = frozenset({"singlemessage", "timeline", "groupmessage"})  # WeChat's ?from=
# What a page puts behind an address to get past caches is another with every look: &rnd=0.7291, &t=1767225600.
CACHE_PARAMETERS = frozenset({"_", "rnd", "rand", "random", "randnum", "nocache", "_rnd", "_random"})
MOMENT_PARAMETERS = frozenset({"t", "_t", "ts", "time", "timestamp", "timestamps", "v", "r", "date", "now", "tm"})
MOMENT = re.compile(r"0?\.\d{3,}|1[4-9]\d{8}(?:\d{3})?(?:\.\d+)?")  # Math.random(), a Unix time
PATH_SESSION = re.compile(r";(?:jsessionid|shirojsessionid)=[^/?#]*", re.I)
TWIN = re.compile(r"_(?:wap|app)(?=\.s?html?$)", re.I)  # t20210127_8824013_wap.html beside t20210127_8824013.html
INDEX_PAGE = re.compile(r"/(?:index|default)\.(?:s?html?|jsp|aspx?|php)$", re.I)
ADDRESSES_REMEMBERED = 4096  # every stage asks for those of its page
DEFAULT_PORTS = {"http": 80, "https": 443}
_SAFE_PATH = "/:@!$&'()*+,;=-._~%"


@lru_cache(ADDRESSES_REMEMBERED)
def host_of(url: str) -> str:
    """Lowercase ``host`` or ``host:port`` (default ports dropped), without user information; '' where there is none."""
    return _netloc(urlsplit(url))


def bare_host(host: str) -> str:
    """A host without ``www.``, as portals are found under both."""
    return host.removeprefix("www.")


@lru_cache(ADDRESSES_REMEMBERED)
def clean(url: str) -> str:
    """The address without fragment, session ids, tracking and cache parameters and dot segments; still to be fetched.

    Raises ``ValueError`` for what is no http(s) address.
    """
    parts = urlsplit(url.strip())
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"not an http(s) address: {url!r}")
    path = PATH_SESSION.sub("", parts.path) or "/"
    path = quote(_without_dot_segments(path), safe=_SAFE_PATH)
    # Split by hand: a query may be percent-encoded GBK, which must come out as it went in.
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _is_noise(*pair.partition("=")[::2]))
    return f"{scheme}://{_netloc(parts)}{path}{'?' + query if query else ''}"


@lru_cache(ADDRESSES_REMEMBERED)
def identity(url: str) -> str:
    """The address as the archive knows it: also without scheme, ``www.``, ``_wap``/``_app`` twins and index page names."""
    parts = urlsplit(clean(url))
    path = INDEX_PAGE.sub("/", TWIN.sub("", unquote(parts.path, errors="surrogateescape")))
    path = quote(path.encode("utf-8", "surrogateescape"), safe=_SAFE_PATH)
    return f"{bare_host(parts.netloc)}{path}{'?' + parts.query if parts.query else ''}"


def location(url: str) -> str:
    """``identity(url)``; what already is one, or is no http(s) address, comes back as it is."""
    try:
        return identity(url)
    except ValueError:
        return url


def _is_noise(name: str, value: str) -> bool:
    lowered = name.lower()
    return (
        lowered in SESSION_PARAMETERS
        or lowered in TRACKING_PARAMETERS
        or lowered.startswith("utm_")
        or (lowered == "from" and value in SHARE_ORIGINS)
        or (lowered in CACHE_PARAMETERS and bool(value))
        or (lowered in MOMENT_PARAMETERS and MOMENT.fullmatch(value) is not None)
    )


def _netloc(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    return host if port is None or port == DEFAULT_PORTS.get(parts.scheme.lower()) else f"{host}:{port}"


def _without_dot_segments(path: str) -> str:
    if "/." not in path and "//" not in path:
        return path
    normal = posixpath.normpath(path)
    if normal.startswith("//"):
        normal = normal[1:]
    ends_in_folder = path.endswith(("/", "/.", "/.."))
    return normal + "/" if ends_in_folder and normal != "/" else normal
