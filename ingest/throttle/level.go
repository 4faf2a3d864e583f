package throttle

import (
	"strings"

	"analytics/engine/fault"
)

// Level is how much a visitor is slowed down.
type Level uint8

// The levels, from none to all.
const (
	Normal Level = iota
	Warning
	Severe
	Blocked
	levels = iota
)

var levelNames = [levels]string{"normal", "warning", "severe", "blocked"}

var multipliers = [levels]float64{1, 0.5, 0.25, 0}

func (l Level) String() string { return levelNames[l] }

// Multiplier is the part of the usual rate that the level leaves.
func (l Level) Multiplier() float64 { return multipliers[l] }

// MarshalText is the level's name.
func (l Level) MarshalText() ([]byte, error) { return []byte(levelNames[l]), nil }

// UnmarshalText reads a level's name.
func (l *Level) UnmarshalText(text []byte) error {
	for i, name := range levelNames {
		if name == string(text) {
			*l = Level(i)
			return nil
		}
	}
	return fault.At(fault.Invalid, "unknown_level", "level",
		"there is no such level; levels are %s", strings.Join(levelNames[:], ", "))
}

// Criterion is what can raise a level.
type Criterion uint8

// The criteria.
const (
	Requests    Criterion = iota // asked, whether let in or not
	ScannerHits                  // looked for holes: /.env, /wp-login.php, a scanner's user agent
	BadClass                     // behaved like a machine that hides
	Refusals                     // of a door, for what the request was: a wrong origin, a bad body
	criteria    = iota
)

var criterionNames = [criteria]string{"requests_per_minute", "scanner_hits", "bad_class", "refusals"}

func (c Criterion) String() string { return criterionNames[c] }
