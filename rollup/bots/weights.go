package bots

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Weights is the block bots of the settings. The zero value means all defaults.
type Weights struct {
	// Threshold is the score that convicts, 50 unless set.
	Threshold int `yaml:"threshold"`
	// Weights are points of rules by their words, for those that should have others than by default.
	// 0 switches a rule off.
	Weights map[string]int `yaml:"weights"`
}

// DefaultWeights is what counts unless something else is set.
func DefaultWeights() Weights { return Weights{Threshold: 50} }

// Validate says everything that is wrong.
func (w Weights) Validate() error {
	var all []error
	if w.Threshold < 0 || w.Threshold > 100 {
		all = append(all, fmt.Errorf("bots.threshold: must be from 1 to 100, not %d", w.Threshold))
	}
	for _, word := range slices.Sorted(maps.Keys(w.Weights)) {
		points := w.Weights[word]
		known := slices.ContainsFunc(rules, func(r Rule) bool { return r.Word == word })
		switch {
		case !known:
			all = append(all, fmt.Errorf("bots.weights.%s: there is no such rule; the rules are %s", word,
				strings.Join(words(), ", ")))
		case points < 0 || points > 100:
			all = append(all, fmt.Errorf("bots.weights.%s: must be from 0 to 100, not %d", word, points))
		}
	}
	return errors.Join(all...)
}

func words() []string {
	all := make([]string, 0, len(rules))
	for _, r := range rules {
		all = append(all, r.Word)
	}
	return all
}

// Table is the rules with the points that count.
func (w Weights) Table() []Rule {
	all := Rules()
	for i := range all {
		all[i].Points = w.points(&all[i])
	}
	return all
}

func (w Weights) points(r *Rule) int {
	if p, ok := w.Weights[r.Word]; ok {
		return p
	}
	return r.Points
}

func (w Weights) threshold() int {
	if w.Threshold == 0 {
		return 50
	}
	return w.Threshold
}
