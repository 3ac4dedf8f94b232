"""From files to events; one format a file."""
