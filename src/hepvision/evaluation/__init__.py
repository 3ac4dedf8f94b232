"""Arrays to numbers with intervals: the field's measures, every one with weights."""

from hepvision.evaluation.agreement import chance_overlap, overlap, passing, rank_correlation
from hepvision.evaluation.calibration import Reliability, log_loss, reliability, weighted_mean
from hepvision.evaluation.categories import category_of, choose_boundaries
from hepvision.evaluation.classification import (
    Discriminant,
    classification_metrics,
    signal_versus,
)
from hepvision.evaluation.confusion import Confusion, confusion
from hepvision.evaluation.correlation import (
    Correlation,
    background_correlation,
    distance_correlation,
    pearson,
)
from hepvision.evaluation.cramer_von_mises import (
    CramerVonMises,
    cramer_von_mises,
    cramer_von_mises_statistic,
)
from hepvision.evaluation.distinguish import Difference, difference, holm
from hepvision.evaluation.mass_fit import expected_fit, fit_background, fit_peak
from hepvision.evaluation.metrics import Interval, Metrics
from hepvision.evaluation.over_seeds import (
    Measured,
    accuracy_over_seeds,
    auc_over_seeds,
    rejection_over_seeds,
    resampled,
)
from hepvision.evaluation.paired import PairedAuc, paired_auc, paired_bootstrap
from hepvision.evaluation.profile import Profile, profile
from hepvision.evaluation.roc import Roc, auc, roc
from hepvision.evaluation.sculpting import Sculpting, jensen_shannon, sculpting
from hepvision.evaluation.significance import (
    ExpectedSignificance,
    counting_significance,
    expected_significance,
    significance_gain,
)
from hepvision.evaluation.working_point import WorkingPoint, choose_threshold, working_point

__all__ = [
    "Confusion",
    "Correlation",
    "CramerVonMises",
    "Difference",
    "Discriminant",
    "ExpectedSignificance",
    "Interval",
    "Measured",
    "Metrics",
    "PairedAuc",
    "Profile",
    "Reliability",
    "Roc",
    "Sculpting",
    "WorkingPoint",
    "accuracy_over_seeds",
    "auc",
    "auc_over_seeds",
    "background_correlation",
    "category_of",
    "chance_overlap",
    "choose_boundaries",
    "choose_threshold",
    "classification_metrics",
    "confusion",
    "counting_significance",
    "cramer_von_mises",
    "cramer_von_mises_statistic",
    "difference",
    "distance_correlation",
    "expected_fit",
    "expected_significance",
    "fit_background",
    "fit_peak",
    "holm",
    "jensen_shannon",
    "log_loss",
    "overlap",
    "paired_auc",
    "paired_bootstrap",
    "passing",
    "pearson",
    "profile",
    "rank_correlation",
    "rejection_over_seeds",
    "reliability",
    "resampled",
    "roc",
    "sculpting",
    "signal_versus",
    "significance_gain",
    "weighted_mean",
    "working_point",
]
