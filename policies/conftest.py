"""Every case of every `*_test.yaml` beside the rules is a test of pytest."""

from genservice.testing import pytest_collect_file

__all__ = ["pytest_collect_file"]
