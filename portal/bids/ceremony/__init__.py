"""The opening (开标): with two shares every sealed bid is opened, and compared with the log."""
