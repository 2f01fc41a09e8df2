"""GitHub: who somebody is, their membership and teams, pull requests, and what it calls about."""
