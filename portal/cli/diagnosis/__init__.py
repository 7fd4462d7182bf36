"""What is wrong with an installation, and how to mend it: a check is a function of what it looks at."""
