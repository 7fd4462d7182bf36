"""Needs (需求): what a company or a site lacks, collected before a list is drawn up."""
