"""What a network does: its layers, filters and feature maps as pictures."""
