package lookout

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"analytics/alerts/anomaly"
	"analytics/query/catalog"
)

// Config is the `alerts.anomalies:` block.
type Config struct {
	Enabled     bool                `yaml:"enabled" doc:"Watch for what is not as usual."`
	Sensitivity anomaly.Sensitivity `yaml:"sensitivity" doc:"low, medium or high: from 3, 2 or 1.5 times as much on."`
	// MinimumVolume is turned by those whose traffic is small, or who get too many alerts of small parts.
	MinimumVolume int `yaml:"minimum_volume" doc:"Events an hour below which nothing is said."`
	// Top is turned by those who have more models, agents, keys or sites worth watching.
	Top int `yaml:"top" doc:"How many models, agents, keys and sites are watched, those with most events first."`
	// Loops is turned off by those whose agents are meant to run in circles.
	Loops bool `yaml:"loops" doc:"Watch for agents that run in circles."`
	// Thresholds are fixed limits of metrics over all events of an hour.
	Thresholds map[string]anomaly.Threshold `yaml:"thresholds" doc:"Metrics with a warning and a critical limit."`
}

const (
	mostTop        = 100
	mostThresholds = 20
)

// DefaultConfig is how it is set if nobody says anything.
func DefaultConfig() Config {
	return Config{Enabled: true, Sensitivity: anomaly.MediumSensitivity, MinimumVolume: 20, Top: 20, Loops: true}
}

// Validate says everything that is wrong with the block.
func (c Config) Validate() error {
	var all []error
	add := func(format string, args ...any) {
		all = append(all, fmt.Errorf(format, args...))
	}
	if _, ok := c.Sensitivity.Limits(0); !ok {
		add("sensitivity: %.40q is not one of low, medium, high", c.Sensitivity)
	}
	if c.MinimumVolume < 1 {
		add("minimum_volume: it must be 1 or more, not %d", c.MinimumVolume)
	}
	if c.Top < 1 || c.Top > mostTop {
		add("top: it must be 1 to %d, not %d", mostTop, c.Top)
	}
	if len(c.Thresholds) > mostThresholds {
		add("thresholds: there are %d, %d at most", len(c.Thresholds), mostThresholds)
	}
	names := catalog.New()
	for _, name := range slices.Sorted(maps.Keys(c.Thresholds)) {
		t := c.Thresholds[name]
		m, err := names.Metric(name)
		switch {
		case err != nil:
			add("thresholds: %w", err)
		case m.Type == catalog.Time:
			add("thresholds: %s is a time, and has no limit", name)
		case t.Warning < 0 || t.Critical < 0 || t.Warning == 0 && t.Critical == 0:
			add("thresholds.%s: give a warning or a critical limit above 0", name)
		case t.Critical > 0 && t.Warning > t.Critical:
			add("thresholds.%s: the warning is above the critical limit", name)
		}
	}
	return errors.Join(all...)
}

func (c Config) limits() anomaly.Limits {
	l, _ := c.Sensitivity.Limits(float64(c.MinimumVolume))
	return l
}
