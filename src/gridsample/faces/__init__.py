"""The faces: what each library's users see of the engines, side by side.

Each has ``parse``, for the options, and ``sample``, ``splat`` and ``affine_grid``: arrays in, checks, the plan of the
call, an engine, and the caller's kind of array out. None has arithmetic of its own.
"""
