"""Numbers, events and inputs as pictures: figures, tables and the interactive event display."""
