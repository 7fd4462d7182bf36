"""verify.py as strangers get it: verifier and witness in one file that imports nothing of the portal."""

from functools import lru_cache

from portal.config import ROOT

END = """
if __name__ == "__main__":
    is_witness = sys.argv[1:2] == ["witness"]
    sys.exit(witness_main(sys.argv[2:]) if is_witness else main())
"""


@lru_cache(maxsize=1)
def source() -> str:
    """The source, made of the two modules as they are."""
    verifier, witness = (
        (ROOT / "portal" / name).read_text(encoding="utf-8")
        for name in ("verifier.py", "witness.py")
    )
    verifier = verifier.partition('\n\nif __name__ == "__main__":')[0]
    words, _, witness = witness.partition('\n"""\n')
    usage = words.partition("\n\n")[2]
    witness = "".join(
        line for line in witness.splitlines(keepends=True) if not line.startswith("from portal.")
    ).replace("def main(", "def witness_main(")
    note = "\n".join(f"# {line}".rstrip() for line in usage.splitlines())
    return f"{verifier}\n\n# The witness.\n#\n{note}\n{witness}{END}"
