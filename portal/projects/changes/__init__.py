"""Changes of a contract that the lead asks for, and who has to consent to them."""
