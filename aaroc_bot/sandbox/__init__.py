"""A ROC in a box: a sample DevOps repository, a GitHub of its own, sample persons and hosts."""
