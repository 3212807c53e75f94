"""`python -m referral api | consumer | relay | indexes | …`: each a separate program."""

from referral.bootstrap import build
from shared.process.commands import commands

if __name__ == "__main__":
    commands("referral", build)()
