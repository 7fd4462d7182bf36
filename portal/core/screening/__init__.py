"""What an upload carries beside what it shows: it is refused before anybody opens it."""
