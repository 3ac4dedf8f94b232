"""What is collided and produced: one process a file."""
