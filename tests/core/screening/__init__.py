"""What uploads carry beside what they show."""
