"""The opening key of a challenge (开标密钥): its three custodians, their shares, and the ceremony."""
