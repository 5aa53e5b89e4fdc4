"""The facts of all files, linked: what rules about routes, contexts and settings ask."""

from flask_gotchas.project.link import Finding, Project

__all__ = ["Finding", "Project"]
