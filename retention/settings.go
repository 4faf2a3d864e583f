package retention

import (
	"context"
	"log/slog"
	"net/netip"
	"os"
	"path"
	"time"

	"analytics/engine/audit"
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

// Erasers say how what was erased is erased again from a store that was restored, by scope.
func Erasers() map[string]backup.Eraser {
	return map[string]backup.Eraser{
		erasures.Tenant: func(ctx context.Context, s *store.Store, e erasures.Erasure) error {
			t, err := e.Of()
			if err != nil {
				return err
			}
			return s.Erase(ctx, t)
		},
		erasures.User: person, erasures.Visitor: person,
	}
}

// person erases the events of a user or visitor from a store that nobody else has open.
func person(ctx context.Context, s *store.Store, e erasures.Erasure) error {
	t, err := e.Of()
	if err != nil {
		return err
	}
	_, err = erase.Apply(ctx, s, audit.Open(s, t, time.Now), e, func(int, int) {})
	return err
}

// Local is what the verbs need that work on copies, without a server.
type Local struct {
	Settings
	Allow []netip.Prefix
	Sizes store.Sizes
	Zone  *time.Location
}

// backup is what the verb of that name needs.
func (l Local) backup() backup.Local {
	out := backup.Local{
		Settings: l.Backup, Allow: l.Allow, Erasers: Erasers(),
		Store: store.Config{MemTableSize: l.Sizes.MemTable, MaxHeadBytes: l.Sizes.Head, MinFree: l.Sizes.MinFree,
			Now: time.Now, Log: web.NewLog(os.Stderr, slog.LevelWarn, true), Derive: rollup.Derive(l.Zone)},
	}
	out.S3, out.Archive = l.Archive.S3, l.Archive.Place()
	return out
}

// staging is the folder of a data folder for files on their way into a bucket.
func staging(data string) string { return path.Join(data, "staging") }
