"""How the command says no: one line on standard error."""


class Refusal(Exception):
    """What cannot be done, in words that name what was got and what is possible."""


def one_line(message: str) -> str:
    """Return a message, whatever it quotes, as one line."""
    return " ".join(message.split()) + "\n"
