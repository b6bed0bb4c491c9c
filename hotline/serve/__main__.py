"""`python -m hotline.serve`: the supervisor in a small process: it imports no web, rules or database."""

import os
import signal
import sys
from argparse import ArgumentParser

from hotline import settings
from hotline.errors import HotlineError
from hotline.serve import children, supervisor, welcome
from hotline.serve.ground import CannotStart

BAD_SETTING = 2


def main() -> int:
    """Serve; return 0 after a wanted stop, else the exit code of the refusal."""
    parser = ArgumentParser(prog="hotline serve")
    parser.add_argument("--leash", action="store_true")
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--logs", choices=("files", "terminal"), default="files")
    wanted = parser.parse_args()
    if wanted.leash:
        children.die_with_parent(signal.SIGTERM)
    os.umask(0o077)  # what we and our children write holds people's matters
    try:
        given = settings.load()
        supervisor.serve(
            given, supervisor.crew(given, sample=wanted.sample), given.home / "logs" if wanted.logs == "files" else None
        )
    except CannotStart as refused:
        welcome.warn(str(refused))
        return refused.exit_code
    except HotlineError as refused:
        welcome.warn(str(refused))
        return BAD_SETTING
    return 0


if __name__ == "__main__":
    sys.exit(main())
