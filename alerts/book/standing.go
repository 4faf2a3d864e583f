package book

import (
	"time"

	"analytics/alerts/rules"
)

// QuietList is the answer with what keeps messages back.
type QuietList struct {
	Silences    []SilenceStanding `json:"silences"`
	Maintenance []WindowStanding  `json:"maintenance"`
}

// SilenceStanding is a silence and how it is.
type SilenceStanding struct {
	rules.Silence
	State string `json:"state"` // waiting, active or over
}

// WindowStanding is a maintenance window and how it is.
type WindowStanding struct {
	rules.Maintenance
	When   string    `json:"when"`
	Active bool      `json:"active"`
	Begins time.Time `json:"begins,omitzero"` // the one that holds, or the next one
	Ends   time.Time `json:"ends,omitzero"`
}

// Quiets are all silences and maintenance windows.
func (b *Book) Quiets(now time.Time) QuietList {
	all := QuietList{Silences: []SilenceStanding{}, Maintenance: []WindowStanding{}}
	for _, s := range b.Silences() {
		all.Silences = append(all.Silences, SilenceStanding{s, s.State(now)})
	}
	for _, m := range b.Windows() {
		s := WindowStanding{Maintenance: m, When: m.When()}
		if from, to, ok := m.Next(now); ok {
			s.Begins, s.Ends, s.Active = from.UTC(), to.UTC(), !now.Before(from)
		}
		all.Maintenance = append(all.Maintenance, s)
	}
	return all
}
