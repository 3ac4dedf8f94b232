"""From collisions to hits: generator processes and a fast CMS-like detector."""
