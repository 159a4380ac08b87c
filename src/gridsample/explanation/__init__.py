"""How a sample comes about: a record of the steps (``record``, made by ``explain``), as text, HTML or a picture.

``contents`` says what is told and in which order, once for text and HTML; ``words`` says it in both languages.
"""
