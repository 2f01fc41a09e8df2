"""Figures as ratios in one run; see docs/architecture.md. `make bench` runs them."""
