"""The pool as a file: a template, experts in, experts out."""
