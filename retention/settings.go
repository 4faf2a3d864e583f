package retention

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path"
	"time"

	"analytics/engine/audit"
	"analytics/engine/person"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/retention/backup"
	"analytics/retention/erase"
	"analytics/retention/erasures"
	"analytics/retention/lake"
	"analytics/rollup"
)

// Settings is what of the configuration says where things are kept.
type Settings struct {
	Archive lake.Settings   `yaml:"archive" restart:"true"`
	Backup  backup.Settings `yaml:"backup" restart:"true"`
	Keep    Block           `yaml:"retention"`
}

// Policy is all that is said of keeping: that of the block analytics, and the room's own.
func (s Settings) Policy(days int, byType map[string]int) Policy {
	return Policy{Days: days, Types: byType, Block: s.Keep}
}

// DefaultSettings has no archive, and no place for backups.
func DefaultSettings() Settings {
	return Settings{Archive: lake.DefaultSettings(), Keep: DefaultBlock()}
}

// Places are what other rooms keep beside events, in which a person may be: the rooms at work in Doors, and
// what they keep in a store that nobody has open in Local.
type Places []person.Place

// Erasers say how what was erased is erased again from a store that was restored, by scope.
func Erasers(places Places) map[string]backup.Eraser {
	one := func(ctx context.Context, s *store.Store, e erasures.Erasure) error {
		return eraseAgain(ctx, s, e, places)
	}
	return map[string]backup.Eraser{
		erasures.Tenant: func(ctx context.Context, s *store.Store, e erasures.Erasure) error {
			t, err := e.Of()
			if err != nil {
				return err
			}
			return s.Erase(ctx, t)
		},
		erasures.User: one, erasures.Visitor: one,
	}
}

// eraseAgain erases a user or visitor from a store that nobody else has open.
func eraseAgain(ctx context.Context, s *store.Store, e erasures.Erasure, places Places) error {
	t, err := e.Of()
	if err != nil {
		return err
	}
	if _, err = erase.Apply(ctx, s, audit.Open(s, t, time.Now), e, func(int, int) {}); err != nil {
		return err
	}
	return erase.Beside(ctx, s, e, places)
}

// Local is what the verbs need that work on copies, without a server.
type Local struct {
	Settings
	Allow []netip.Prefix
	Sizes store.Sizes
	Zone  *time.Location
	// Places forget a person in a store that was restored.
	Places Places
}

// backup is what the verb of that name needs.
func (l Local) backup() backup.Local {
	out := backup.Local{
		Settings: l.Backup, Allow: l.Allow, Erasers: Erasers(l.Places),
		Store: store.Config{MemTableSize: l.Sizes.MemTable, MaxHeadBytes: l.Sizes.Head, MinFree: l.Sizes.MinFree,
			Now: time.Now, Log: web.NewLog(os.Stderr, slog.LevelWarn, true), Derive: rollup.Derive(l.Zone)},
	}
	if out.S3, out.Archive = l.Archive.S3, l.Archive.Place(); l.Archive.On() {
		out.Adopt = l.adopt
	}
	return out
}

// staging is the folder of a data folder for files on their way into a bucket.
func staging(data string) string { return path.Join(data, "staging") }
