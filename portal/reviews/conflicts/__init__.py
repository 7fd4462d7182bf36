"""Why a reviewer must not see a bid."""
