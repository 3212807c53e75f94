"""`python -m embedded run | clean-data`: what `make run` and `make clean-data` call."""

import sys


def main() -> None:
    try:
        from embedded.commands import main as run  # noqa: PLC0415 - so that a module that is missing is told in a line
    except ModuleNotFoundError as missing:
        sys.exit(f"The Python module {missing.name} is missing: run `make clean`, then `make run`, which sets up the environment again.")
    run()


if __name__ == "__main__":
    main()
