"""Arrays to numbers with intervals: the field's measures, every one with weights."""

from hepvision.evaluation.calibration import Reliability, log_loss, reliability, weighted_mean
from hepvision.evaluation.classification import (
    Discriminant,
    classification_metrics,
    signal_versus,
)
from hepvision.evaluation.confusion import Confusion, confusion
from hepvision.evaluation.metrics import Interval, Metrics
from hepvision.evaluation.paired import PairedAuc, paired_auc, paired_bootstrap
from hepvision.evaluation.roc import Roc, auc, roc
from hepvision.evaluation.working_point import WorkingPoint, choose_threshold, working_point

__all__ = [
    "Confusion",
    "Discriminant",
    "Interval",
    "Metrics",
    "PairedAuc",
    "Reliability",
    "Roc",
    "WorkingPoint",
    "auc",
    "choose_threshold",
    "classification_metrics",
    "confusion",
    "log_loss",
    "paired_auc",
    "paired_bootstrap",
    "reliability",
    "roc",
    "signal_versus",
    "weighted_mean",
    "working_point",
]
