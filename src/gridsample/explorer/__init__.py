"""The explorer: a page on this machine that shows how samples come about while one drags a point or a mesh.

``server`` answers the page's requests, behind ``security``; ``answers`` computes what they ask, by the public
functions, for the options of ``choices`` on the picture that ``state`` holds. ``pictures`` reads it. What the browser
runs is in ``page``, as it is served: there is no build step. Its numbers and tables come from here; it draws them.
"""
