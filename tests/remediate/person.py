"""A pytest plugin, for a run under test: a person edits Service Engine groups between its first and its second pass.

As `-p tests.remediate.person`, with the groups and what is to become of them as JSON in PERSON.
"""

from __future__ import annotations

import json
import os

import pytest
from avi.sdk.avi_api import ApiSession

SEEN: set[str] = set()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Edit once, as soon as a check is asked for the second time: the writes are over, the second read is yet to come."""
    if item.nodeid in SEEN and (edits := os.environ.pop("PERSON", "")):
        _edit(item.config, json.loads(edits))
    SEEN.add(item.nodeid)
    return (yield)


def _edit(config, edits):
    from fixtures.site import SITE

    controller = config.stash[SITE].environment.controller
    session = ApiSession(
        controller.address, os.environ["AVI_USERNAME"], os.environ["AVI_PASSWORD"], port=controller.port,
        api_version="30.2.1", verify=str(controller.ca_file), lazy_authentication=True,
    )  # fmt: skip
    session.trust_env = False  # a bundle of CAs in the environment would be used instead
    for name, change in edits.items():
        group = session.get_object_by_name("serviceenginegroup", name)
        session.put(f"serviceenginegroup/{group['uuid']}", data={**group, **change}).raise_for_status()
    session.delete_session()
