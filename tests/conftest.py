"""Fixtures of every test: real S3 servers, started when first asked for."""

pytest_plugins = ("tests.servers.fixtures",)
