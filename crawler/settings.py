"""Scrapy settings of nianbao. What users may change is listed in docs/reference/settings.md."""

from importlib.util import find_spec

from crawler import __version__

BOT_NAME = "nianbao"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

# Where everything is kept: a directory or s3://bucket/prefix. `nianbao crawl --archive` and NIANBAO_ARCHIVE set it.
ARCHIVE = "./archive"
# A folder of registry files; None: the registry that comes with nianbao.
PORTALS = None

# --- manners
CONTACT = None  # a web or mail address of whoever runs the crawl; the spider puts it into the user agent
USER_AGENT = f"nianbao/{__version__} (archive of annual open-government reports)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "nianbao"
DOWNLOAD_DELAY = 2.0  # seconds between two requests to one portal whose entry names no delay
DOWNLOAD_DELAY_JITTER = 0  # a delay is a promise, not an average
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # per portal: see crawler.politeness
COOKIES_ENABLED = False
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "zh-CN,zh;q=0.9",
    "Accept-Encoding": "gzip, deflate",  # what every WARC reader can undo
}
PORTALS_AT_ONCE = 256
PORTAL_WAIT = 600  # seconds to wait for a portal that another run is at, before it is left to that run
MAX_RETRY_AFTER = 120  # seconds; a portal that asks for longer is left for this run

# --- bounds
DOWNLOAD_TIMEOUT = 60
DOWNLOAD_MAXSIZE = 50 * 1024 * 1024
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_FAIL_ON_DATALOSS = False  # truncated bodies are kept and marked
RETRY_TIMES = 2
REDIRECT_MAX_TIMES = 10
URLLENGTH_LIMIT = 2083
READ_TIMEOUT = 60  # seconds of one page in the reader
READERS = 0  # processes that read pages; 0: as many as there are cores, at least two
MEMUSAGE_ENABLED = False

# --- pages in JavaScript only (registry: browser = true; extra nianbao[browser])
BROWSER_EXECUTABLE = None  # None: the Chromium on the PATH
BROWSER_SANDBOX = True  # Chromium's own; never used as root, where it does not work
BROWSER_TIMEOUT = 20  # seconds a page may go on changing after its last request was answered
BROWSER_REQUESTS = 40  # that the scripts of one page may make

# --- who is told after a run (crawler.notify; also as NIANBAO_… in the environment)
NOTIFY_WEBHOOK = None
NOTIFY_WEBHOOK_FORMAT = "json"  # or "wecom", "feishu"
NOTIFY_EMAIL = None
NOTIFY_FROM = None
NOTIFY_WHEN = "changed"  # or "always"
SMTP_HOST = None
SMTP_PORT = 25
SMTP_USER = None

# --- removals
GONE_AFTER_RUNS = 3
GONE_AFTER_DAYS = 7

# --- how it runs
# asyncio's loop in C, where it is installed (extra nianbao[fast]): a tenth of a page's CPU.
ASYNCIO_EVENT_LOOP = "uvloop.Loop" if find_spec("uvloop") else None
WARN_ON_GENERATOR_RETURN_VALUE = False  # for it Scrapy parses a callback's source anew with nearly every page (2.19)
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
DOWNLOADER = "crawler.politeness.PortalDownloader"
DOWNLOAD_HANDLERS = {
    "http": "crawler.download.CaptureDownloadHandler",
    "https": "crawler.download.CaptureDownloadHandler",
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
# What Scrapy has by default is named in the three _BASE settings below: what stands there is imported even where it is
# switched off, a tenth of a second of every run. Not wanted are Scrapy's own
#   OffsiteMiddleware (ours knows ports and redirects), RobotsTxtMiddleware, RetryMiddleware, RedirectMiddleware (ours),
#   MetaRefreshMiddleware (challenge pages use it; platforms ask for it), HttpCompressionMiddleware (undone in the
#   download handler), HttpAuthMiddleware, CookiesMiddleware, HttpCacheMiddleware;
#   DownloadTimeoutMiddleware (the handler knows the setting), DownloaderStats (the summary counts requests and bytes);
#   HttpErrorMiddleware (refusals are named by ours), RefererMiddleware, DepthMiddleware (depth is the spider's own count
#   of columns), UrlLengthMiddleware (it drops in silence; HostsMiddleware says so), StartSpiderMiddleware (lists go first
#   by their priority), MetaCopyDetectionMiddleware: with none, what the spider yields passes no generators on its way;
#   TelnetConsole, MemoryDebugger, FeedExporter, SpiderState, AutoThrottle, RemoteControl.
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": 750,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.logstats.LogStats": 0,
}
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.hosts.HostsMiddleware": 50,
    "crawler.middlewares.robots.RobotsMiddleware": 100,
    "crawler.middlewares.kept.KeptMiddleware": 150,
    "crawler.middlewares.refusals.RefusalMiddleware": 540,
    "crawler.middlewares.redirect.RedirectMiddleware": 600,
    "crawler.browser.BrowserMiddleware": 650,  # only for portals whose entry says browser = true
}
EXTENSIONS = {
    "crawler.extensions.run.RunSummary": 100,
    "crawler.extensions.progress.Progress": 200,
    "crawler.extensions.metrics.Metrics": 300,  # only where METRICS_FILE is set
}
ITEM_PIPELINES = {
    "pipelines.keep.KeepPipeline": 100,
    "pipelines.read.ReadPipeline": 200,
    "pipelines.file.FilePipeline": 300,
}
CONCURRENT_REQUESTS = 512  # under way or waiting for their portal's turn; one at a time goes to a portal
CONCURRENT_ITEMS = 1  # one item a response; the default starts 100 tasks for each
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 64 * 1024 * 1024
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the spider's tally knows what was asked for
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
LOG_LEVEL = "INFO"
LOG_JSON = False
METRICS_FILE = None  # for node_exporter's textfile collector
METRICS_INTERVAL = 15.0  # seconds
LOG_FORMATTER = "crawler.logformat.OneLine"
LOG_VERSIONS: list[str] = []
