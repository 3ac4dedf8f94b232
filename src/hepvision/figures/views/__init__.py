"""Views of an event, one a file: each says which collections it draws, and draws them."""
