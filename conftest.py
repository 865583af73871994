"""The suite's plugin, for a pytest that has not loaded it by the settings in pyproject.toml."""

pytest_plugins = ["avi_compliance.plugin"]
