"""The error families. A name says what happened; the family says what the catcher does.

``NianbaoError``
├── ``UsageError``      the call was wrong: say how to mend it in one line, exit 2
│   └── ``RegistryFault``   a registry file is wrong
├── ``Blocked``         the portal refuses us: stop this portal, never evade
├── ``PortalChanged``   the portal is not what its entry says: a person must look
├── ``Unreadable``      this page cannot be had or read: quarantine it, go on with the portal
└── ``ArchiveError``    the archive cannot keep its promise: stop the run
    └── ``AlreadyExists``   a create-only key is taken: look at what is there and judge again

Every error has a ``name``, a short path used for its counter and its line in the run summary
(``pages/quarantined/soft_404``).
"""

from __future__ import annotations


class NianbaoError(Exception):
    """Root of every error that has a name of its own."""

    name: str = "error"

    def __init__(self, message: str, *, name: str | None = None) -> None:
        super().__init__(message)
        if name is not None:
            self.name = name


class UsageError(NianbaoError):
    """The call was wrong. The message is one line and says how to mend it. Exit code 2."""

    name = "usage"


class RegistryFault(UsageError):
    """A fault in the portal registry, with file, line and key where they are known."""

    name = "registry"

    def __init__(self, message: str, *, file: str, line: int | None = None, key: str | None = None) -> None:
        place = ":".join(str(part) for part in (file, line) if part is not None)
        super().__init__(f"{place}: {key + ': ' if key else ''}{message}")
        self.file, self.line, self.key, self.fault = file, line, key, message


class Blocked(NianbaoError):
    """The portal refuses us (challenge, WAF, geo-fence). Stop asking this portal; report it as ``blocked``."""

    name = "blocked"


class PortalChanged(NianbaoError):
    """The portal is not what its registry entry says (platform changed, column moved). A person must look."""

    name = "portal_changed"


class Unreadable(NianbaoError):
    """This page cannot be had or read (soft 404, fake PDF, too large). Quarantine it and go on."""

    name = "unreadable"


class ArchiveError(NianbaoError):
    """The archive cannot keep its promise (unwritable, refused, damaged). Stop the run; nothing stored is lost."""

    name = "archive"


class AlreadyExists(ArchiveError):
    """A create-only key is taken. Look at what is there and judge again."""

    name = "already_exists"


_NETWORK_NAMES = {
    "CannotResolveHostError": "dns",
    "DownloadConnectionRefusedError": "unreachable",
    "DownloadFailedError": "connection_broken",
    "DownloadTimeoutError": "timeout",
    "OSError": "unreachable",
    "ConnectionResetError": "connection_broken",
}


def error_name(error: BaseException) -> str:
    """The path name of any error: its own, or what a failure of the network is called; a fault of ours otherwise."""
    name = getattr(error, "name", None)
    if isinstance(name, str):
        return name
    kind = type(error).__name__
    return _NETWORK_NAMES.get(kind, f"internal_{kind}")
