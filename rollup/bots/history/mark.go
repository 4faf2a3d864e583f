package history

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"log/slog"
	"math"
	"slices"
	"time"

	"github.com/cespare/xxhash/v2"

	"analytics/engine/event"
	"analytics/engine/jobs"
	"analytics/engine/store"
	"analytics/rollup/bots"
)

// Jobs is the package's part of the table of jobs. Marking is hourly: a day in which a bot was found
// is written anew as a whole.
func (y *History) Jobs() []jobs.Job {
	return []jobs.Job{{
		Name: "bot_marks", About: "gives events the verdict of rules and on their session, where it is a bot's",
		When: jobs.Every(time.Hour),
		Run: func(ctx context.Context, _ jobs.Period) error {
			return errors.Join(y.Apply(ctx), y.Mark(ctx))
		},
	}}
}

// Mark gives the events of sessions that are behavioral bots their verdict, and takes it back from
// events whose session is none any more. Days whose sessions are as they were cost a look at the
// ledger.
func (y *History) Mark(ctx context.Context) error {
	if !y.changing.TryLock() {
		return nil // whoever holds it marks what it changes; the next run does the rest
	}
	defer y.changing.Unlock()
	for _, t := range y.house.Tenants() {
		hours, err := y.house.Store.Ledger(t, event.Session, 0, math.MaxInt32)
		if err != nil {
			return err
		}
		var days []event.Hour
		for _, h := range hours {
			if h.Dropped { // the session is known no more: events keep the verdict they have
				continue
			}
			d := h.Hour / dayHours * dayHours
			for _, day := range [...]event.Hour{d, d + dayHours} { // a session lasts into the next day
				if !slices.Contains(days[max(0, len(days)-2):], day) {
					days = append(days, day)
				}
			}
		}
		for _, day := range days {
			if err := y.mark(ctx, t, day); err != nil {
				return err
			}
		}
		if err := y.forgetDays(ctx, t, markPrefix, days); err != nil {
			return err
		}
	}
	return nil
}

// forgetDays forgets what is known under a prefix of other days than these.
func (y *History) forgetDays(ctx context.Context, t store.Tenant, prefix string, days []event.Hour) error {
	shelf, known := y.house.Store.Shelf(t, "bots"), map[string]bool{}
	for _, day := range days {
		known[dayKey(prefix, day)] = true
	}
	var over []store.Change
	err := shelf.Each(prefix, func(key string, _ []byte) error {
		if !known[key] {
			over = append(over, store.Change{Key: key, Delete: true})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return shelf.Apply(ctx, over...)
}

func dayKey(prefix string, day event.Hour) string {
	return prefix + day.Start().Time().Format(time.DateOnly)
}

// span is a session that is a bot's.
type span struct {
	from, to event.Micros
	verdict  verdict
}

// mark marks one day, unless it was for the same sessions.
func (y *History) mark(ctx context.Context, t store.Tenant, day event.Hour) error {
	shelf := y.house.Store.Shelf(t, "bots")
	key := dayKey(markPrefix, day)
	was, marked, err := shelf.Get(key)
	if err != nil {
		return err
	}
	ledger, err := y.ledger(t, day-min(day, dayHours), day+dayHours, event.Session)
	if err != nil {
		return err
	}
	old, oldSpans := split(was)
	if marked && old == ledger {
		return nil
	}
	spans, sum, err := y.spans(ctx, t, day)
	if err != nil {
		return err
	}
	if oldSpans != sum && (len(spans) > 0 || marked) {
		if err := y.write(ctx, t, day, spans); err != nil {
			return err
		}
	}
	return shelf.Put(ctx, key, []byte(ledger+" "+sum))
}

// split reads what a day was marked by: the ledger of its sessions, and its bots.
func split(v []byte) (ledger, sum string) {
	if len(v) != 33 {
		return "", ""
	}
	return string(v[:16]), string(v[17:])
}

// ledger is a hash of what the ledger says of the events of kinds in the hours [from, to). Sessions
// may be made again, so their bytes count, too; a late event makes its session's row another one.
func (y *History) ledger(t store.Tenant, from, to event.Hour, kinds ...event.Kind) (string, error) {
	var b []byte
	for _, kind := range kinds {
		hours, err := y.house.Store.Ledger(t, kind, from, to)
		if err != nil {
			return "", err
		}
		for _, h := range hours {
			b = binary.LittleEndian.AppendUint64(b, uint64(h.Hour))
			b = binary.LittleEndian.AppendUint64(b, h.Rows)
			if kind == event.Session {
				b = binary.LittleEndian.AppendUint64(b, h.Sum)
			}
		}
	}
	return hex.EncodeToString(binary.BigEndian.AppendUint64(nil, xxhash.Sum64(b))), nil
}

// spans are the bots' sessions that touch a day, by whose they are, and a hash of them.
func (y *History) spans(
	ctx context.Context, t store.Tenant, day event.Hour,
) (map[string][]span, string, error) {
	found := map[string][]span{}
	s := kinds[event.Session]
	total := uint64(0) // of hashes: sessions come in any order
	add := func(e *event.Event) {
		if string(e.Text(s.class)) != bots.BehavioralBot {
			return
		}
		sp := span{from: e.Time(), to: e.Time() + event.Micros(e.Int(event.SessionDurationMS)),
			verdict: s.read(e)}
		if sp.to < day.Start() {
			return
		}
		key := keyOf(e, &s)
		found[key] = append(found[key], sp)
		total += xxhash.Sum64(e.AppendRow(nil))
	}
	for _, d := range [...]event.Hour{day - min(day, dayHours), day} {
		if _, err := y.each(ctx, t, event.Session, d, nil, add); err != nil {
			return nil, "", err
		}
	}
	if len(found) == 0 {
		return nil, "none------------", nil
	}
	return found, hex.EncodeToString(binary.BigEndian.AppendUint64(nil, total)), nil
}

// keyOf is whose event or session it is, as sessions are made: of a session_id if the sender gave
// one, else of the visitor, on one site.
func keyOf(e *event.Event, s *slots) string {
	if id := e.Text(event.SessionID); len(id) > 0 {
		return string(e.Text(s.site)) + "\x00s" + string(id)
	}
	return string(e.Text(s.site)) + "\x00v" + string(e.Text(s.visitor))
}

// write gives the events of a day the verdicts of spans, and takes from others what they had by one.
func (y *History) write(ctx context.Context, t store.Tenant, day event.Hour, spans map[string][]span) error {
	rules := y.Rules()
	changed := int64(0)
	for _, kind := range order {
		s := kinds[kind]
		change := func(e *event.Event) bool {
			had := s.read(e)
			if had.class == bots.KnownBot || had.class == bots.Scanner {
				return false
			}
			if v, ok := within(spans[keyOf(e, &s)], e.Time()); ok {
				s.write(e, v)
			} else if had.class == bots.BehavioralBot {
				y.classify(e, &s)
				obey(e, &s, rules, nil)
			}
			return s.read(e) != had
		}
		differs := false
		_, err := y.each(ctx, t, kind, day, nil, func(e *event.Event) { differs = change(e) || differs })
		if err != nil {
			return err
		}
		if !differs {
			continue
		}
		got, err := y.house.Store.Rewrite(ctx, t, kind, day, change)
		if err != nil {
			return err
		}
		changed += got.Changed
	}
	if changed > 0 {
		y.house.Log.LogAttrs(ctx, slog.LevelInfo, "events of bots marked",
			slog.Time("day", day.Start().Time()), slog.Int64("events", changed))
	}
	return nil
}

func within(all []span, at event.Micros) (verdict, bool) {
	for _, s := range all {
		if at >= s.from && at <= s.to {
			return s.verdict, true
		}
	}
	return verdict{}, false
}
