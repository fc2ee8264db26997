"""What will the sectors need."""
