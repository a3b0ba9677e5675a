"""Other layers for irregular times, to compare with: called like ours, written from their papers' equations."""
