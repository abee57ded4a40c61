"""A bucket as a store. The one module that imports boto3.

Credentials, region, endpoint and proxies come from boto3's own sources alone. Create-only is S3's conditional write
(``If-None-Match: *``) where a probe shows that the store honours it. Where it does not, a key is looked for before it
is written and read back after: that is no lock between machines, and needs to be none, as keys are content or unique
names.
"""

from __future__ import annotations

import base64
import hashlib
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    ResponseStreamingError,
)
from urllib3.exceptions import HTTPError

from crawler.errors import ArchiveError
from storage.stores import Listed, Missing, Refused, check_deletable, check_key, check_later, check_replaceable

ATTEMPTS = 6  # of one request, with botocore's growing pauses between: about 20 s of an unavailable store
CONFLICT_ATTEMPTS = 8
READ_ATTEMPTS = 4
PROBE = ".probe/"
CONNECTIONS = 32

NO_CREDENTIALS = (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, ProfileNotFound)
# The last one while botocore reads what an answer says is wrong: it gives that on as it comes.
CUT_SHORT = (IncompleteReadError, ReadTimeoutError, ResponseStreamingError, HTTPError)
ABSENT = frozenset({"NoSuchKey", "404", "NotFound"})
SLOW = frozenset({"SlowDown", "RequestTimeout", "RequestTimeoutException", "Throttling", "ThrottlingException"})
REFUSED = frozenset(
    {
        "AccessDenied",
        "AllAccessDisabled",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "Unauthorized",
        "401",
        "403",
    }
)


class _Lost(ArchiveError):
    """No answer, or one that leaves open what the request did."""


class _Taken(ArchiveError):
    """Something is stored under the key; after a retry, perhaps by the first try."""

    def __init__(self, message: str, *, retried: bool) -> None:
        super().__init__(message)
        self.retried = retried


class _Conflict(_Taken):
    """Another request on the key is under way: the outcome is open, try again."""


class _Unknown(ArchiveError):
    """The store does not know what was asked for."""


class S3Store:
    """A bucket, or what lies below a prefix of it. One client, shared by all threads."""

    def __init__(self, bucket: str, prefix: str = "") -> None:
        self.bucket = bucket
        self.prefix = check_key(prefix) + "/" if prefix else ""
        self.uri = f"s3://{bucket}/{prefix}".rstrip("/")
        self._client = _client(self.uri)
        self._honours: bool | None = None
        self._probing = threading.Lock()
        self._turns = [threading.Lock() for _ in range(64)]

    # ------------------------------------------------------------ reading

    def get(self, key: str) -> bytes:
        return self._get(check_key(key))

    def _get(self, key: str) -> bytes:
        name = self._name(key)
        for attempt in range(READ_ATTEMPTS):
            try:
                with self._faults("read", key):
                    body = self._client.get_object(Bucket=self.bucket, Key=name)["Body"]
                with body:
                    data: bytes = body.read()
                    return data
            except CUT_SHORT:  # botocore tries again only what fails before the body begins
                _pause(attempt)
        raise ArchiveError(f"{self.uri}: {key} cannot be read to its end")

    def exists(self, key: str) -> bool:
        try:
            with self._faults("look for", key):
                self._client.head_object(Bucket=self.bucket, Key=self._name(check_key(key)))
        except Missing:
            return False
        return True

    def list(self, prefix: str, after: str | None = None) -> Iterator[Listed]:
        start = {} if after is None else {"StartAfter": self.prefix + after}
        for page in self._pages(prefix, Prefix=self.prefix + prefix, **start):
            for item in page.get("Contents", ()):
                key = item["Key"][len(self.prefix) :]
                if not _hidden(key):
                    yield Listed(key, item["Size"])

    def folders(self, prefix: str) -> Iterator[str]:
        for page in self._pages(prefix, Prefix=self.prefix + prefix, Delimiter="/"):
            for item in page.get("CommonPrefixes", ()):
                name = item["Prefix"][len(self.prefix + prefix) : -1]
                if not _hidden(name):
                    yield name

    def _pages(self, prefix: str, **parameters: str) -> Iterator[Any]:
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, **parameters))
        while True:
            with self._faults("list", prefix):
                page = next(pages, None)
            if page is None:
                return
            yield page

    # ------------------------------------------------------------ writing

    def create(self, key: str, data: bytes) -> bool:
        check_key(key)
        if self._conditional():
            return self._create(key, data)
        with self._turns[hash(key) % len(self._turns)]:  # at least the threads of one process take turns
            if self.exists(key):
                return False
            self._put(key, data)
            return self.get(key) == data

    def create_soon(self, key: str, data: bytes) -> bool:
        return self.create(check_later(key), data)

    def settle(self) -> None:
        """Nothing is left to do: a bucket acknowledges what is durable."""

    def replace(self, key: str, data: bytes) -> None:
        self._put(check_replaceable(key), data)

    def delete(self, key: str) -> None:
        with self._faults("delete", key):
            self._client.delete_object(Bucket=self.bucket, Key=self._name(check_deletable(key)))

    def _conditional(self) -> bool:
        """Whether the store refuses to overwrite when asked to; tried out once, on a key of its own."""
        with self._probing:
            if self._honours is None:
                probe = f"{PROBE}{uuid.uuid4().hex}"
                try:
                    self._honours = self._create(probe, b"1") and not self._create(probe, b"2")
                except _Unknown:
                    self._honours = False
                finally:
                    self._remove_probe(probe)
            return self._honours

    def _remove_probe(self, probe: str) -> None:
        try:
            with self._faults("delete", probe):
                self._client.delete_object(Bucket=self.bucket, Key=self._name(probe))
        except Refused:
            return  # a writer that may not delete is a good thing to have; no listing shows the probe

    def _create(self, key: str, data: bytes) -> bool:
        """A conditional put. An answer that may have been lost is settled by reading the key back."""
        unsure = False
        for attempt in range(CONFLICT_ATTEMPTS):
            try:
                with self._faults("write", key):
                    self._put_object(key, data, IfNoneMatch="*")
                    return True
            except _Conflict as conflict:
                unsure = unsure or conflict.retried
                _pause(attempt)
            except _Taken as taken:
                return (unsure or taken.retried) and self._held(key) == data
            except _Lost:
                held = self._held(key)
                if held is None:
                    raise
                return held == data
        raise ArchiveError(f"{self.uri}: {key} cannot be written: other writers are always in the way")

    def _put(self, key: str, data: bytes) -> None:
        try:
            with self._faults("write", key):
                self._put_object(key, data)
        except _Lost:
            if self._held(key) != data:
                raise

    def _put_object(self, key: str, data: bytes, **condition: str) -> None:
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        self._client.put_object(Bucket=self.bucket, Key=self._name(key), Body=data, ContentMD5=md5, **condition)

    def _held(self, key: str) -> bytes | None:
        try:
            return self._get(key)
        except Missing:
            return None

    def _name(self, key: str) -> str:
        return self.prefix + key

    # ------------------------------------------------------------ faults

    @contextmanager
    def _faults(self, doing: str, key: str) -> Iterator[None]:
        """What went wrong in one line, without the message of the store: some print the access key."""
        try:
            yield
        except NO_CREDENTIALS as error:
            raise _no_credentials(self.uri, error) from None
        except ParamValidationError:
            raise Refused(f"{self.uri}: no such bucket can be") from None
        except ClientError as error:
            raise self._named(doing, key, error) from None
        except BotoCoreError as error:
            raise _Lost(f"{self.uri}: cannot {doing} {key}: {type(error).__name__}") from None

    def _named(self, doing: str, key: str, error: ClientError) -> ArchiveError:
        code = str(error.response.get("Error", {}).get("Code", ""))
        answer: Any = error.response.get("ResponseMetadata", {})
        status = answer.get("HTTPStatusCode", 0)
        retried = bool(answer.get("RetryAttempts"))
        message = f"{self.uri}: cannot {doing} {key}: {code or status}"
        if code == "NoSuchBucket":
            return Refused(f"{self.uri}: there is no bucket {self.bucket}: make it first")
        if code in ABSENT:
            return Missing(f"{key}: not in {self.uri}")
        if code in REFUSED:
            return Refused(f"{message}: check the credentials and the bucket's policy")
        if status == 412 or code == "PreconditionFailed":
            return _Taken(message, retried=retried)
        if status == 409:
            return _Conflict(message, retried=retried)
        if status == 501 or code == "NotImplemented":
            return _Unknown(message)
        if status >= 500 or status == 429 or code in SLOW:
            return _Lost(message)
        return ArchiveError(message)


def _client(uri: str) -> Any:
    """A client with the settings that every vendor's S3 takes."""
    config = Config(
        connect_timeout=10,
        read_timeout=60,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # Checksum headers by default (since botocore 1.36) are refused by many S3 servers; Content-MD5 is not.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent_extra="nianbao",
    )
    try:
        return boto3.session.Session().client("s3", config=config)
    except NO_CREDENTIALS as error:
        raise _no_credentials(uri, error) from None
    except (BotoCoreError, ValueError) as error:
        raise Refused(f"{uri}: boto3's settings are wrong: {type(error).__name__}") from None


def _no_credentials(uri: str, error: Exception) -> Refused:
    return Refused(f"{uri}: no credentials ({type(error).__name__}): set AWS_ACCESS_KEY_ID and its kin, or AWS_PROFILE")


def _hidden(key: str) -> bool:
    return key.startswith(".") or "/." in key


def _pause(attempt: int) -> None:
    time.sleep(random.uniform(0.05, 0.2) * 2**attempt)  # noqa: S311
