"""What is asked besides the Controller and vCenter: DNS services, and the site's hosts over SSH."""
