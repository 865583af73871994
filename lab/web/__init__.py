"""Web page for people at /lab/: read-only, plain HTML, nothing fetched from anywhere."""
