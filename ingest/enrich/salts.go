package enrich

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"analytics/engine/store"
)

// Salts are the random numbers that make visitor ids, one for each day in UTC. A day's salt is kept
// that day and the next and then deleted, so that nobody can tell afterwards whose id an id was.
// They are on a shelf, so that a restart does not turn every visitor into a new one.
type Salts struct {
	shelf *store.Shelf

	mu    sync.Mutex // guards what follows
	days  map[day]Salt
	swept day
	house Salt // the secret of fingerprints; zero until it is asked for
}

// Salt is the random number of one day.
type Salt [32]byte

// day counts days since 1970-01-01 UTC.
type day int32

const (
	saltPrefix = "visitor_salt/"
	keptDays   = 2 // today and yesterday: at most 48 hours
)

func dayOf(t time.Time) day { return day(t.Unix() / 86400) }

func (d day) key() string {
	return saltPrefix + time.Unix(int64(d)*86400, 0).UTC().Format(time.DateOnly)
}

// NewSalts keeps salts on the given shelf.
func NewSalts(shelf *store.Shelf) *Salts {
	return &Salts{shelf: shelf, days: map[day]Salt{}}
}

// At is the salt for something that happened at a moment, known now: that day's if it is still
// kept, and else today's.
func (s *Salts) At(ctx context.Context, at, now time.Time) (Salt, error) {
	today := dayOf(now)
	when := dayOf(at)
	if when > today || when <= today-keptDays {
		when = today
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if salt, ok := s.days[when]; ok && s.swept == today {
		return salt, nil
	}
	if err := s.sweep(ctx, today); err != nil {
		return Salt{}, err
	}
	return s.open(ctx, when)
}

// Sweep deletes the salts that are over. Taking in events does so too, but there may be none.
func (s *Salts) Sweep(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sweep(ctx, dayOf(now))
}

// sweep deletes the salts of all days but the kept ones, also of days to come: the clock was wrong.
func (s *Salts) sweep(ctx context.Context, today day) error {
	if s.swept == today {
		return nil
	}
	keep := map[string]bool{}
	for d := today; d > today-keptDays; d-- {
		keep[d.key()] = true
	}
	var over []store.Change
	err := s.shelf.Each(saltPrefix, func(key string, _ []byte) error {
		if !keep[key] {
			over = append(over, store.Change{Key: key, Delete: true})
		}
		return nil
	})
	if err == nil {
		err = s.shelf.Apply(ctx, over...)
	}
	if err != nil {
		return fmt.Errorf("visitor salts: %w", err)
	}
	for d := range s.days {
		if !keep[d.key()] {
			delete(s.days, d)
		}
	}
	s.swept = today
	return nil
}

// open reads the day's salt, or makes it.
func (s *Salts) open(ctx context.Context, d day) (Salt, error) {
	if salt, ok := s.days[d]; ok {
		return salt, nil
	}
	value, ok, err := s.shelf.Get(d.key())
	if err != nil {
		return Salt{}, fmt.Errorf("visitor salts: %w", err)
	}
	if !ok || len(value) != len(Salt{}) {
		value = make([]byte, len(Salt{}))
		_, _ = rand.Read(value) // never fails
		if err := s.shelf.Put(ctx, d.key(), value); err != nil {
			return Salt{}, fmt.Errorf("visitor salts: %w", err)
		}
	}
	s.days[d] = Salt(value)
	return s.days[d], nil
}
