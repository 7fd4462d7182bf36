"""The whole portal as an operator runs it: the Procfile's processes on servers of their own."""
