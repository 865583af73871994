"""The pytest plugin of remediation: its options, the two passes, the verification and the progress on the terminal."""
