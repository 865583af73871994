"""The Avi Controller: the session, reads and writes over its REST API, and the snapshot of a site."""
