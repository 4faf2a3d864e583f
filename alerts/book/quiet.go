package book

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"analytics/alerts/rules"
	"analytics/engine/fault"
	"analytics/engine/store"
)

const (
	// maxSilences bounds the silences that are kept, and keep is for how long after their end.
	maxSilences = 500
	keep        = 30 * 24 * time.Hour
)

// Silence keeps messages back from now, or later, until it ends.
func (b *Book) Silence(ctx context.Context, s rules.Silence, by string) (rules.Silence, error) {
	now := b.house.Now().UTC()
	if s.From.IsZero() {
		s.From = now
	}
	s.From, s.Until, s.Created, s.Who = s.From.UTC(), s.Until.UTC(), now, by
	if err := s.Check(now); err != nil {
		return s, err
	}
	b.changing.Lock()
	defer b.changing.Unlock()
	b.mu.Lock()
	all := maps.Clone(b.silences)
	b.mu.Unlock()
	last := 0
	var changes []store.Change
	for id, old := range all {
		if n, err := strconv.Atoi(id[1:]); err == nil {
			last = max(last, n)
		}
		if now.Sub(old.Until) > keep {
			changes = append(changes, store.Change{Key: silencePrefix + id, Delete: true})
			delete(all, id)
		}
	}
	if len(all) >= maxSilences {
		return s, fault.New(fault.Limited, "too_many_silences", "there are %d silences already, the most; "+
			"remove some, or use a pattern", maxSilences)
	}
	s.ID = fmt.Sprintf("s%d", last+1)
	c, err := put(silencePrefix+s.ID, s)
	if err != nil {
		return s, err
	}
	if err := b.house.Shelf.Apply(ctx, append(changes, c)...); err != nil {
		return s, err
	}
	all[s.ID] = s
	b.mu.Lock()
	b.silences = all
	b.mu.Unlock()
	return s, b.house.Audit(ctx, "alert_silence_add", by, s.ID, map[string]any{
		"of": s.Scope.String(), "until": s.Until.Format(time.RFC3339), "why": s.Why})
}

// Unsilence ends a silence now.
func (b *Book) Unsilence(ctx context.Context, id, by string) error {
	b.changing.Lock()
	defer b.changing.Unlock()
	b.mu.Lock()
	s, known := b.silences[id]
	b.mu.Unlock()
	if !known {
		return fault.At(fault.NotFound, "unknown_silence", "id",
			"there is no silence %.80q; `analytics alerts silence list` shows them", id)
	}
	// It is kept for a while, so that its name is not given again.
	s.Until = b.house.Now().UTC()
	if s.From.After(s.Until) {
		s.From = s.Until
	}
	c, err := put(silencePrefix+id, s)
	if err != nil {
		return err
	}
	if err := b.house.Shelf.Apply(ctx, c); err != nil {
		return err
	}
	b.mu.Lock()
	b.silences[id] = s
	b.mu.Unlock()
	return b.house.Audit(ctx, "alert_silence_remove", by, id, map[string]any{"of": s.Scope.String()})
}

// Silences are those that are kept, the one that ends last first.
func (b *Book) Silences() []rules.Silence {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.silences), func(x, y rules.Silence) int {
		return cmp.Or(y.Until.Compare(x.Until), cmp.Compare(x.ID, y.ID))
	})
}

// Windows are the maintenance windows, as they are configured.
func (b *Book) Windows() []rules.Maintenance {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.windows)
}

// Quiet names what keeps the messages about a rule and group back at a moment; empty for nothing.
func (b *Book) Quiet(rule string, group map[string]string, at time.Time) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := ""
	for id, s := range b.silences {
		if s.Active(at) && s.Matches(rule, group) && (found == "" || id < found) {
			found = id
		}
	}
	if found != "" {
		return "silence " + found
	}
	for i := range b.windows {
		m := &b.windows[i]
		if _, active := m.Active(at); active && m.Matches(rule, group) {
			return "maintenance " + m.Name
		}
	}
	return ""
}
