"""What production starts, read from the deployment files of a project.

A Procfile, a Dockerfile or a systemd unit says which file is started and by what, and that decides
whether `app.run(debug=True)` is a habit for one's own machine or a hole in a server. Everything
here errs on the side of silence: a command that is conditional, computed or unknown is left out.
All work is bounded, because these files come with code that nobody has vouched for.
"""

from flask_gotchas.deployment.model import Start, starts_file
from flask_gotchas.deployment.readers import find_starts

__all__ = ["Start", "find_starts", "starts_file"]
