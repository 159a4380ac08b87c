"""``gridsample completion``: what makes a shell complete the command's words."""

import argparse
from collections.abc import Iterator

from gridsample.cli.refusal import Refusal

SHELLS = ("bash", "zsh", "tcsh")
FILES = {"IN", "OUT", "FILE"}  # what arguments that name files are called

ABOUT = "Print a script that makes a shell complete gridsample's commands and options."

NOTES = """\
once, for shells that are opened from then on:
  gridsample completion bash > ~/.local/share/bash-completion/completions/gridsample
  gridsample completion zsh > ~/.zfunc/_gridsample     # with fpath+=~/.zfunc before compinit in ~/.zshrc
  gridsample completion tcsh > ~/.gridsample.tcsh      # with source ~/.gridsample.tcsh in ~/.tcshrc
or for this one alone:
  eval "$(gridsample completion bash)"

The script is made by shtab, which pip install "gridsample[cli]" brings."""


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description, parser.epilog = ABOUT, NOTES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("shell", choices=SHELLS)


def run(options: argparse.Namespace) -> None:
    """Print the script."""
    try:
        import shtab  # noqa: PLC0415  (which is optional)
    except ModuleNotFoundError:
        raise Refusal('completion needs shtab: pip install "gridsample[cli]"') from None
    from gridsample.cli import whole_parser  # noqa: PLC0415  (which imports this module)

    parser = whole_parser()
    for action in actions_of(parser):
        if FILES & set(str(action.metavar).split()):
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # which is where shtab looks
    print(shtab.complete(parser, options.shell))


def actions_of(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Return all arguments of a parser and its subcommands'."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from actions_of(command)
