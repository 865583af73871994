"""Tells people what changed, over webhooks and mail, and only when something did."""
