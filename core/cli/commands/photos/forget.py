"""`forget`: delete all that is kept of a person, and name the networks that learnt from them."""

from __future__ import annotations

from argparse import Namespace

from core.training.lifecycle import forget_person


def run(args: Namespace) -> None:
    """Say what there is of the person, and delete it where --yes says so. Raises UserError for a person who is not
    there, and where something can't be deleted."""
    traces = (forget_person.forget if args.yes else forget_person.find)(args.dataset, args.person)
    done = "deleted" if args.yes else "would be deleted"
    pictures = f", and pictures of {len(traces.runs)} runs that may show them" if traces.runs else ""
    print(f"{len(traces.files)} files of {args.person} {done}{pictures}.")
    if traces.versions:
        print(f"The rows about them in the versions of the photos that {len(traces.versions)} runs were given: {done}.")
    for name in traces.models:
        print(f"Has learnt from them, and stays until you delete it: models/{name}")
    if args.yes:
        print("Cached photos and features are deleted. Reports with photos and copies elsewhere are yours to delete.")
    else:
        print("Nothing was deleted yet: add --yes.")
