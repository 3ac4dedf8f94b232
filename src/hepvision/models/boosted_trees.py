"""Gradient-boosted decision trees on feature vectors, by XGBoost."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.core.inputs import Dense, Inputs, InputSpec
from hepvision.core.names import require
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.learner import Labelled

__all__ = ["BoostedTrees"]


@dataclasses.dataclass(frozen=True)
class BoostedTrees:
    """Trees added one after the other, each to the gradient of the cross-entropy.

    Parameters
    ----------
    rounds : int
        Trees a class at most.
    depth : int
        Deepest tree.
    learning_rate : float
        Share of each tree that is added.
    patience : int
        Rounds without a better validation loss before it stops; 0 never stops.
    subsample, columns : float
        Share of examples, and of features, that each tree sees.
    least_weight : float
        Least sum of second derivatives in a leaf.

    References
    ----------
    T. Chen, C. Guestrin, KDD (2016) 785, arXiv:1603.02754.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> part = PartSpec("vector", (1,), ("x",), ("",), (1.0,))
    >>> trees = BoostedTrees(rounds=5).from_spec({"x": part}, outputs=2)
    >>> x = np.arange(20, dtype=np.float32)[:, None]
    >>> _ = trees.fit({"x": Dense(x)}, (x[:, 0] > 9).astype(int), np.ones(20))
    >>> trees.predict({"x": Dense(x)})[[0, -1]].argmax(axis=1).tolist()
    [0, 1]
    """

    rounds: int = 500
    depth: int = 4
    learning_rate: float = 0.1
    patience: int = 20
    subsample: float = 0.8
    columns: float = 0.8
    least_weight: float = 1.0
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"vector"})
    output_level: ClassVar[str] = "example"

    def __post_init__(self) -> None:
        if self.rounds < 1 or self.depth < 1 or self.patience < 0:
            raise ValueError(
                f"rounds, depth: must be positive, got {self.rounds}, {self.depth}; "
                f"patience: 0 or more, got {self.patience}."
            )
        shares = (self.learning_rate, self.subsample, self.columns)
        if not 0 < min(shares) <= max(shares) <= 1 or self.least_weight < 0:
            raise ValueError(
                "learning_rate, subsample, columns: must be above 0 and at most 1, got "
                f"{', '.join(f'{one:g}' for one in shares)}; least_weight: 0 or more, got "
                f"{self.least_weight:g}."
            )

    def from_spec(self, spec: InputSpec, outputs: int) -> "_Trees":
        """A learner that has seen nothing.

        Parameters
        ----------
        spec : InputSpec
            Vectors only.
        outputs : int
            Classes.

        Returns
        -------
        Learner
            Vectors → log-odds (B, outputs).
        """
        return _Trees(self, parts_of_kind("boosted_trees", spec, self.reads_kinds), outputs)


class _Trees:
    def __init__(self, sizes: BoostedTrees, parts: tuple[str, ...], outputs: int):
        self.sizes, self.parts, self.outputs = sizes, parts, outputs
        self._booster: Any = None

    def _fitted(self) -> Any:
        if self._booster is None:
            raise ValueError("boosted_trees: must be fitted first, got none. Call fit or load.")
        return self._booster

    @property
    def parameters_total(self) -> int:
        if self._booster is None:
            return 0
        trees = self._booster.get_dump()
        return sum(tree.count("leaf=") + tree.count("yes=") for tree in trees)

    def _matrix(self, inputs: Inputs, target: Any = None, weight: Any = None) -> Any:
        xgboost = require("xgboost")
        below = 0 if weight is None else np.count_nonzero(np.asarray(weight) < 0)
        if below:
            raise ValueError(
                f"boosted_trees: weights must be 0 or more, got {below} of {len(weight)} below. "
                "Take a network for these samples."
            )
        found = [inputs[part] for part in self.parts]
        columns = np.concatenate([one.values for one in found if isinstance(one, Dense)], axis=1)
        return xgboost.DMatrix(columns, target, weight=weight, nthread=1)

    def fit(
        self,
        inputs: Inputs,
        target: NDArray[Any],
        weight: NDArray[Any],
        validation: Labelled | None = None,
        *,
        seed: int = 0,
        threads: int = 1,
    ) -> list[dict[str, float]]:
        xgboost, sizes = require("xgboost"), self.sizes
        settings = {
            "objective": "multi:softprob",
            "num_class": self.outputs,
            "max_depth": sizes.depth,
            "eta": sizes.learning_rate,
            "subsample": sizes.subsample,
            "colsample_bytree": sizes.columns,
            "min_child_weight": sizes.least_weight,
            "tree_method": "hist",
            "eval_metric": "mlogloss",
            "seed": seed,
            "nthread": threads,
            "verbosity": 0,
        }
        train = self._matrix(inputs, target, weight)
        watched = [(train, "train")]
        if validation is not None:
            watched.append((self._matrix(*validation), "validation"))
        stops = sizes.patience if validation is not None and sizes.patience else None
        record: dict[str, dict[str, list[float]]] = {}
        booster = xgboost.train(
            settings,
            train,
            sizes.rounds,
            evals=watched,
            early_stopping_rounds=stops,
            evals_result=record,
            verbose_eval=False,
        )
        self._booster = booster if stops is None else booster[: booster.best_iteration + 1]
        columns = {name: losses["mlogloss"] for name, losses in record.items()}
        return [
            {name: float(value) for name, value in zip(columns, row, strict=True)}
            for row in zip(*columns.values(), strict=True)
        ]

    def predict(self, inputs: Inputs) -> NDArray[np.float32]:
        booster = self._fitted()
        if not len(inputs[self.parts[0]]):
            return np.zeros((0, self.outputs), np.float32)
        margin = booster.predict(self._matrix(inputs), output_margin=True)
        return np.asarray(margin, np.float32).reshape(-1, self.outputs)

    def state(self) -> dict[str, NDArray[Any]]:
        raw = bytes(self._fitted().save_raw("ubj"))
        return {"ubjson": np.frombuffer(raw, np.uint8).copy()}

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        xgboost = require("xgboost")
        try:
            booster = xgboost.Booster({"nthread": 1})
            booster.load_model(bytearray(np.asarray(state["ubjson"], np.uint8).tobytes()))
        except (KeyError, ValueError, xgboost.core.XGBoostError) as error:
            line = " ".join(str(error).split())[:60]
            raise CorruptFileError(f"weights: must be boosted trees, got {line}.") from error
        self._booster = booster
