"""The least thresholds there are, whatever a wave promises."""

K_MEAN_FLOOR = 5
K_SPREAD_FLOOR = 10
