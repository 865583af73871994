"""A run in the forms that others read: JSON, Markdown, Prometheus' text format."""
