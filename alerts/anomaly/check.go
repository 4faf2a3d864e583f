package anomaly

import (
	"cmp"
	"fmt"
)

// Level is the result of a simple check.
type Level string

// The levels.
const (
	LevelNormal   Level = "normal"
	LevelWarning  Level = "warning"
	LevelCritical Level = "critical"
)

// Check is the result of a simple check, with its reason.
type Check struct {
	Metric string  `json:"metric"`
	Value  float64 `json:"value"`
	Level  Level   `json:"level"`
	Reason string  `json:"reason"`
}

// Threshold is where a metric is worth a warning, and where it is critical.
type Threshold struct {
	Warning  float64 `yaml:"warning" doc:"At this much, and above it, a warning."`
	Critical float64 `yaml:"critical" doc:"At this much, and above it, critical."`
}

// Check holds a value against the threshold; a limit of 0 is none.
func (t Threshold) Check(metric string, value float64) Check {
	c := Check{Metric: metric, Value: value, Level: LevelNormal, Reason: "below its thresholds"}
	for _, step := range []struct {
		limit float64
		level Level
	}{{t.Critical, LevelCritical}, {t.Warning, LevelWarning}} {
		if step.limit > 0 && value >= step.limit {
			c.Level = step.level
			c.Reason = fmt.Sprintf("%s is %.4g: the %s threshold is %.4g", metric, value, step.level, step.limit)
			break
		}
	}
	return c
}

// The factors of a trend check.
const (
	trendWarning  = 2
	trendCritical = 3
)

// Trend holds the newest value against the mean of a window that ends with it: more than twice it is
// a warning, more than three times critical. It knows neither nights nor weekends, so that it is
// shown, and nobody is called by it.
func Trend(metric string, window []float64) Check {
	if len(window) < 2 {
		return Check{Metric: metric, Level: LevelNormal, Reason: "too few values for a trend"}
	}
	sum := 0.
	for _, v := range window {
		sum += v
	}
	c := Check{Metric: metric, Value: window[len(window)-1], Level: LevelNormal}
	times := ratio(c.Value, sum/float64(len(window)))
	switch {
	case times > trendCritical:
		c.Level = LevelCritical
	case times > trendWarning:
		c.Level = LevelWarning
	}
	c.Reason = fmt.Sprintf("%.1f times the mean of %d values", cmp.Or(times, 0), len(window))
	return c
}
