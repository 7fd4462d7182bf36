"""The pool of experts (专家库)."""
