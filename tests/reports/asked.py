"""A configuration that is asked for what a run has to tell beside its checks."""

from dataclasses import replace
from datetime import UTC, datetime

from intent.author import Author

NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)
AUTHOR = Author("eve", "10.1.1.7", "", NOW)


class Asked:
    """Its plugins answer these notices and settings, and what was seen; whatever has changed, `author` did it."""

    def __init__(self, notices=(), settings=None, *, strict=False, fingerprint=None, author=AUTHOR):
        self.hook = self
        self.notices, self.settings, self.strict, self.fingerprint = notices, settings, strict, fingerprint
        self.author = author

    def getoption(self, name):
        assert name == "strict_notices"
        return self.strict

    def pytest_avi_fingerprint(self, config):
        assert config is self
        return self.fingerprint

    def pytest_avi_notices(self, config):
        assert config is self
        return [self.notices, None]

    def pytest_avi_notice_settings(self, config):
        assert config is self
        return self.settings

    def pytest_avi_authors(self, config, notices):
        assert config is self
        return [replace(each, author=self.author) for each in notices]
