"""`python -m embedded run | clean-data`: called by `make run` and `make clean-data`."""

import sys


def main() -> None:
    try:
        from embedded.commands import main as run  # noqa: PLC0415 - so that a missing module is reported in one line
    except ModuleNotFoundError as missing:
        sys.exit(f"The Python module {missing.name} is missing: run `make clean`, then `make run`, which sets up the environment again.")
    run()


if __name__ == "__main__":
    main()
