"""What changes in the repository, and who must agree: accepted rules and lines that execute."""
