"""Imports of what others declare: Terraform's states and plans, and Ansible's playbooks and vars."""
