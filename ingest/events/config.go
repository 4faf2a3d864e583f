package events

import (
	"errors"
	"fmt"
	"time"
)

// Config is what an operator may set of the intake, under `analytics` in the configuration.
type Config struct {
	// Enabled false refuses all events.
	Enabled bool `yaml:"enabled"`
	// SamplingRate is the part of traces that is kept, 1 for all. It never drops what costs money,
	// failed, or belongs to the audit trail, nor metrics, nor what has no trace id. What is kept
	// carries a weight, so that totals are scaled up.
	SamplingRate float64 `yaml:"sampling_rate"`
}

// DefaultConfig takes everything in.
func DefaultConfig() Config { return Config{Enabled: true, SamplingRate: 1} }

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	if !(c.SamplingRate >= 0 && c.SamplingRate <= 1) {
		return errors.New("sampling_rate must be from 0 to 1")
	}
	if c.SamplingRate > 0 && c.SamplingRate < lowestRate {
		return fmt.Errorf("sampling_rate must be 0 or at least %g", lowestRate)
	}
	return nil
}

// Limits of time and answers; those of bodies are in engine/web and ingest/decode.
const (
	// past and future are how far timestamps may be off. Hours that are over for longer are
	// reported on already; clocks run ahead by minutes, not more.
	past   = 7 * 24 * time.Hour
	future = 10 * time.Minute
	// publicPast is how far back browsers may say something happened: they send at once.
	publicPast = 10 * time.Minute
	// maxErrors is how many problems an answer lists; it counts the others.
	maxErrors = 100
	// maxKept is the largest buffer that waits for the next request.
	maxKept = 8 << 20
)
