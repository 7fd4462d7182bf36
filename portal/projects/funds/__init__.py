"""Money by source and its tranches (拨款)."""
