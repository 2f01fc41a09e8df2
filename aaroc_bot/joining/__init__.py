"""How people come into the organisation and a site's team, and what ends when they leave."""
