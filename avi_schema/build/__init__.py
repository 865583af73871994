"""The making of the schema file from a swagger folder; only `python -m avi_schema` needs it."""
