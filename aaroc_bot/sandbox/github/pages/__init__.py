"""The web pages of the sandbox's GitHub: look at a pull request, review it, merge it, join.

The one thing that GitHub does otherwise: there one acts as who is signed in, here as
whichever sample person one chooses. What is done goes the same way as through the API.
"""
