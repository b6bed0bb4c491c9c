"""The web: pages for those who work here and for citizens, and the same journey as an API."""
