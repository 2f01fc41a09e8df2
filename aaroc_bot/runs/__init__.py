"""The run's life: asking, plans, approvals, the claim of a site, execution, recovery, locks."""
