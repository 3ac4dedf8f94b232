"""What is predicted: target, loss, scores, evaluation; one task a file."""
