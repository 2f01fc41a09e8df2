"""The aiohttp server, and the page of the web chat."""
