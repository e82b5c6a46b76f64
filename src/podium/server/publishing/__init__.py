"""Publishing the leaderboards of competitions to model boards."""
