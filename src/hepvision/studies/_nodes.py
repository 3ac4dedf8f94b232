"""Other machines than the first one: they train with it, and do nothing else."""

from __future__ import annotations

from pathlib import Path

from hepvision.core.card import component
from hepvision.models.layers.learner import Learner
from hepvision.representations._together import spec_of
from hepvision.studies._study_examples import found_again
from hepvision.studies.card import Study
from hepvision.studies.entry import fitted_entry, is_trained, memory_of, task_of
from hepvision.training.fit import new_network
from hepvision.training.ranks import Ranks

__all__ = ["followed"]


def followed(study: Study, folder: Path, ranks: Ranks) -> None:
    """Train each network of a study together with the first machine.

    That one made events and inputs before, which are found in the cache that all see.
    """
    table, inputs, measured = found_again(study, memory_of(study))
    task = task_of(study)
    for entry, seed in ((entry, seed) for entry in study.entries for seed in study.seeds):
        home = folder / entry.name / str(seed)
        wanted = {key: measured[key] for key in entry.uses}
        spec = spec_of(wanted)
        model = new_network(component("models", entry.model), spec, task.outputs, seed)
        # learners are trained by the first process alone
        if isinstance(model, Learner) or is_trained(home):
            continue
        parts = {name: inputs[name] for name in spec}
        what = (study, entry, seed, home, task, table, parts, wanted, False)
        fitted_entry(*what, ranks=ranks)
