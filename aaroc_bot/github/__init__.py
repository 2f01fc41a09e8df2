"""GitHub: who somebody is, their membership and teams, and who wrote a commit."""
