"""What a plan may call beyond the home."""
