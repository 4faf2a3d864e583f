package history

import (
	"cmp"
	"context"
	"slices"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/ingest/enrich"
	"analytics/rollup/bots"
)

// Reputation is what sessions of a fingerprint were. Thousands of people share one, so that it
// convicts nobody: it says where to look.
type Reputation struct {
	Fingerprint string `json:"fingerprint"`
	Sessions    int64  `json:"sessions"`
	Bots        int64  `json:"bots"`
	Ghosts      int64  `json:"ghosts"`
	Humans      int64  `json:"humans"`
	// Score is the mean of its sessions' scores.
	Score     float64   `json:"score"`
	First     time.Time `json:"first_seen"`
	Last      time.Time `json:"last_seen"`
	UserAgent string    `json:"user_agent"`
	// Flags are flagged (by a rule), mostly_bots (more than half of five or more sessions), mixed
	// (bots and people: a browser that bots pretend to be), no_scripts (more than half are ghosts)
	// and new (first seen within a day).
	Flags []string `json:"flags"`

	score int64
}

const (
	// reputed is how far back a reputation goes unless asked otherwise.
	reputed = 30 * 24 * time.Hour
	// maxReputed bounds the fingerprints that are told apart while counting; further ones are left out.
	maxReputed = 100_000
	// suspicious is how many sessions it takes to be called mostly_bots.
	suspicious = 5
)

// reputeFields are what counting needs.
var reputeFields = []int{event.Timestamp, event.SessionClient, event.SessionFingerprint,
	event.SessionUserAgent, event.SessionBotClass, event.SessionBotScore, event.SessionSite}

// Reputations counts the stored sessions that start in [from, to) by fingerprint: who has most bots
// first. One fingerprint alone may be asked for.
func (y *History) Reputations(
	ctx context.Context, t store.Tenant, from, to time.Time, only string,
) ([]Reputation, error) {
	low, high := event.MicrosOf(from), event.MicrosOf(to)
	found := map[string]*Reputation{}
	for day := low.Hour() / dayHours * dayHours; day.Start() < high; day += dayHours {
		_, err := y.each(ctx, t, event.Session, day, slices.Clone(reputeFields), func(e *event.Event) {
			if e.Time() >= low && e.Time() < high {
				repute(found, e, only)
			}
		})
		if err != nil {
			return nil, err
		}
	}
	rules, now := y.Rules(), y.house.Now()
	all := make([]Reputation, 0, len(found))
	for _, r := range found {
		r.Score = float64(r.score) / float64(r.Sessions)
		r.Flags = r.flags(rules, now)
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Reputation) int {
		return cmp.Or(cmp.Compare(b.Bots, a.Bots), cmp.Compare(b.Score, a.Score),
			cmp.Compare(b.Sessions, a.Sessions), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return all, nil
}

func repute(found map[string]*Reputation, e *event.Event, only string) {
	compact := e.Text(event.SessionFingerprint)
	if len(compact) < 2 || string(e.Text(event.SessionClient)) != "web" {
		return
	}
	name := event.IDText(compact)
	if only != "" && name != only {
		return
	}
	r := found[name]
	if r == nil {
		if len(found) >= maxReputed {
			return
		}
		r = &Reputation{Fingerprint: name, First: e.Time().Time(), UserAgent: string(e.Text(event.SessionUserAgent))}
		found[name] = r
	}
	at := e.Time().Time()
	if at.Before(r.First) {
		r.First = at
	}
	if at.After(r.Last) {
		r.Last = at
	}
	r.Sessions++
	r.score += e.Int(event.SessionBotScore)
	switch string(e.Text(event.SessionBotClass)) {
	case bots.KnownBot, bots.Scanner, bots.BehavioralBot:
		r.Bots++
	case bots.Ghost:
		r.Ghosts++
	default:
		r.Humans++
	}
}

func (r *Reputation) flags(rules []Rule, now time.Time) []string {
	flags := []string{}
	add := func(word string, holds bool) {
		if holds {
			flags = append(flags, word)
		}
	}
	add("flagged", slices.ContainsFunc(rules, func(o Rule) bool {
		return o.Fingerprint == r.Fingerprint || o.Fingerprint == "" && enrich.Like(o.UserAgent, []byte(r.UserAgent))
	}))
	add("mostly_bots", r.Sessions >= suspicious && 2*r.Bots > r.Sessions)
	add("mixed", r.Bots > 0 && r.Humans > 0)
	add("no_scripts", r.Sessions >= suspicious && 2*r.Ghosts > r.Sessions)
	add("new", now.Sub(r.First) < 24*time.Hour)
	return flags
}
