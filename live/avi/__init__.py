"""The Avi Controller: session, reads and writes over its REST API, the snapshot of a site, references and names."""
