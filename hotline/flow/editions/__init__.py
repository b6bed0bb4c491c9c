"""Rules, people and ground that change: put forward by one person, looked at, put into force by another."""
