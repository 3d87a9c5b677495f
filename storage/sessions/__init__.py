"""What every session of the store does beside what it is asked: it leaves drills out."""
