"""The platforms as test fixtures: real sockets and HTTP on loopback, checked strictly."""
