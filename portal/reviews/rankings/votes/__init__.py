"""The reviewers' vote for or against each bid, where the challenge's rule asks for one."""
