"""Import of what Ansible declares: playbooks, roles and variables, however they are written."""

from __future__ import annotations

import pytest

from live.imports import ansible
from live.imports.declaration import Declaration
from tests.live.imported import imported

MODULES = {
    "in one line": "- avi_pool: name=web default_server_port=8080",
    "arguments apart": "- vmware.alb.avi_pool:\n  args: {name: web, default_server_port: 8080}",
    "an action": "- action: {module: avi_pool, name: web, default_server_port: 8080}",
    "an action in one line": "- local_action: avi_pool name=web default_server_port='8080'",
    "a loop over a line": "- avi_pool: name={{ item }} default_server_port=8080\n  loop: [web]",
    "variables in one line": """
- vars: {known: {'the port': 8080, name: web}}
  avi_pool: name="{{ known[\\"name\\"] }}" default_server_port={{ known['the port'] }}
""",
    "of a list in brackets": """
- vars: {known: {'the port': [80, 8080]}}
  avi_pool: {name: web, default_server_port: "{{ known['the port'][1] }}"}
""",
    "a loop over a mapping": """
- vars: {pools: {web: {port: 8080}}}
  tasks:
  - avi_pool: {name: "{{ item.key }}", default_server_port: "{{ item.value.port }}"}
    with_dict: "{{ pools }}"
""",
    "a loop over its items": """
- vars: {pools: {web: {port: 8080}}}
  tasks:
  - avi_pool: {name: "{{ item.key }}", default_server_port: "{{ item.value.port }}"}
    loop: "{{ pools | dict2items }}"
""",
    "a role": """
- roles:
  - {role: vmware.alb.aviconfig, vars: {avi_config: {pool: [{name: web, default_server_port: 8080}]}}}
""",
    "an inventory": """
all:
  children:
    controllers:
      hosts:
        one: {avi_config: {pool: [{name: web, default_server_port: 8080}]}}
""",
}


@pytest.mark.parametrize("how", MODULES)
def test_what_ansible_writes_is_read_however_it_is_written(how):
    taken = ansible.read(ansible.parse(MODULES[how]))
    assert [(each.api, each.body) for each in taken.objects] == [
        ("pool", {"name": "web", "default_server_port": 8080})
    ]
    assert not taken.missing


@pytest.mark.parametrize("name", ["tasks", "roles", "block"])
def test_a_variable_of_ansible_may_be_named_like_a_part_of_a_play(name):
    taken = ansible.read({"all": {"hosts": {"one": {name: 2, "avi_config": {"pool": [{"name": "web"}]}}}}})
    assert [each.body for each in taken.objects] == [{"name": "web"}]


PLAYBOOK = """
- hosts: localhost
  vars:
    avi: {controller: avi.example, username: admin, password: hunter2}
    web_name: web
    pools: [{name: one, port: 8080}, {name: two, port: "8081"}]
  tasks:
    - name: a monitor
      vmware.alb.avi_healthmonitor:
        controller: "{{ avi.controller }}"
        password: "{{ avi.password }}"
        tenant: blue
        name: "{{ web_name }}-monitor"
        type: HEALTH_MONITOR_HTTP
        send_interval: "5"
        authentication: {username: u, password: !vault hidden}
        http_monitor: {http_request: "GET / HTTP/1.0", http_response_code: [HTTP_2XX]}
    - block:
        - name: pools
          avi_pool:
            name: "{{ item.name }}"
            default_server_port: "{{ item.port }}"
            cloud_ref: /api/cloud?name=Default-Cloud
            health_monitor_refs: ["/api/healthmonitor?name=web-monitor&tenant=blue"]
            servers: "{{ from_elsewhere }}"
            enabled: no
          loop: "{{ pools }}"
    - avi_ipamdnsproviderprofile:
        name: ipam
        type: IPAMDNS_TYPE_INTERNAL
        allocate_ip_in_vrf: true
    - avi_useraccountprofile: {name: old, state: absent}
    - debug: {msg: nothing of ours}
"""


def test_a_playbook_is_read(tmp_path):
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    environment, text = imported(tmp_path, tmp_path / "site.yml")
    objects = {(each.type, each.name): each for each in environment.objects}
    monitor = objects["healthmonitor", "web-monitor"]
    assert monitor.tenant == "blue"
    assert monitor.fields == {
        "type": "HEALTH_MONITOR_HTTP",
        "send_interval": 5,
        "authentication": {"username": "u"},
        "http_monitor": {"http_request": "GET / HTTP/1.0", "http_response_code": ["HTTP_2XX"]},
    }
    for name, port in (("one", 8080), ("two", 8081)):
        assert objects["pool", name].fields == {
            "default_server_port": port,
            "health_monitor_refs": [{"name": "web-monitor", "tenant": "blue"}],
            "enabled": False,
        }
    assert objects["useraccountprofile", "old"].absent
    assert environment.ipam_profiles[0].allocate_in_vrf is True
    assert environment.controller.address == "avi.example"
    assert "value missing: pools [0]: servers: the file holds no value" in text
    assert "hunter2" not in text
    assert "hidden" not in text
    assert "Terraform" not in text


def test_vars_by_type_are_read():
    vars_file = {
        "avi_config": {
            "pool": [{"name": "web", "lb_algorithm": "LB_ALGORITHM_RANDOM"}],
            "nothing": [{"name": "x"}],
        }
    }
    (only,) = ansible.read(vars_file).objects
    assert (only.api, only.body) == ("pool", {"name": "web", "lb_algorithm": "LB_ALGORITHM_RANDOM"})


def test_what_is_not_in_the_file_is_no_object_of_the_declaration():
    text = '- hosts: x\n  tasks:\n    - avi_pool: {name: web, vrf_ref: "/api/vrfcontext?name=blue", tenant: blue}\n'
    declaration = Declaration([ansible.read(ansible.parse(text))])
    assert declaration.sections == {
        "objects": [{"type": "pool", "name": "web", "tenant": "blue", "fields": {"vrf_ref": "blue"}}]
    }
