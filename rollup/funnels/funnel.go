package funnels

import (
	"strconv"
	"strings"
	"time"

	"analytics/engine/fault"
)

// Funnel is a definition.
type Funnel struct {
	Name string `json:"name"`
	// Steps as they were written: see ParseStep.
	Steps []string `json:"steps"`
	// Window is how long after the first step the last one may come: 30m, 24h, 7d.
	Window  string    `json:"window"`
	Created time.Time `json:"created,omitzero"`
}

// The limits of a definition: a way is a bit a step, and windows are read beyond the range.
const (
	minSteps  = 2
	maxSteps  = 20
	maxWindow = 90 * 24 * time.Hour
	maxName   = 64
	// DefaultWindow is the window where none is given.
	DefaultWindow = "7d"
)

// check completes a definition and says what is wrong with it.
func (f *Funnel) check() error {
	if f.Name == "" || len(f.Name) > maxName || strings.Trim(f.Name, nameLetters) != "" {
		return fault.At(fault.Invalid, "invalid_name", "name",
			"the name of a funnel is up to %d letters, digits, - and _, such as signup", maxName)
	}
	if f.Name == "list" || f.Name == "show" {
		return fault.At(fault.Invalid, "invalid_name", "name",
			"%s is no name for a funnel: /v1/funnels/%s is something else", f.Name, f.Name)
	}
	if f.Window == "" {
		f.Window = DefaultWindow
	}
	_, _, err := f.compile()
	return err
}

const nameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

// compile makes the definition ready.
func (f *Funnel) compile() (steps []Step, window time.Duration, err error) {
	if len(f.Steps) < minSteps || len(f.Steps) > maxSteps {
		return nil, 0, fault.At(fault.Invalid, "invalid_steps", "steps",
			"a funnel has %d to %d steps, not %d", minSteps, maxSteps, len(f.Steps))
	}
	for _, text := range f.Steps {
		s, err := ParseStep(text)
		if err != nil {
			return nil, 0, err
		}
		steps = append(steps, s)
	}
	window, ok := length(f.Window)
	if !ok || window > maxWindow {
		return nil, 0, fault.At(fault.Invalid, "invalid_window", "window",
			"window must be a length of time up to 90d, such as 30m, 24h or 7d, not %q", clip(f.Window))
	}
	return steps, window, nil
}

// length reads 30s, 90m, 24h, 7d, 2w.
func length(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour,
		'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if len(text) < 2 || len(text) > 7 {
		return 0, false
	}
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 32)
	unit, ok := units[text[len(text)-1]]
	if err != nil || !ok || n == 0 || n > uint64(10*365*24*time.Hour/unit) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// clip keeps what is echoed short.
func clip(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "…"
	}
	return s
}
