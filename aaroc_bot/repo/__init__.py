"""The DevOps repository: its mirror, its sites, its catalogue, and exports of it for runs."""
