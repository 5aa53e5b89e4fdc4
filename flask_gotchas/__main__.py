"""The way in: a run in which nothing has changed ends here, without click, LibCST or any rule."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    """Run the command line and give its exit status."""
    gc.disable()  # it would cost a tenth of a run that ends before it is of use
    arguments = sys.argv[1:]
    try:
        from flask_gotchas.unchanged import show_again  # noqa: PLC0415 - may be interrupted

        try:
            status = show_again(arguments)
        except OSError as error:
            from flask_gotchas import output  # noqa: PLC0415 - few runs need it

            return output.fail_for(error)
        if status is None:
            from flask_gotchas import cli  # noqa: PLC0415 - it imports click

            status = cli.main(arguments)
    except KeyboardInterrupt:
        from flask_gotchas import output  # noqa: PLC0415 - few runs need it

        return output.interrupted()
    finally:
        # As it ends, Python would collect once more, although all memory goes back anyway: that
        # took up to a tenth of a run.
        gc.freeze()
    return status


if __name__ == "__main__":
    sys.exit(main())
