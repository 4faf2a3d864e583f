package lake

import (
	"fmt"
	"log/slog"
	"time"
)

// Settings is the block `archive` of the configuration. Without a folder there is no
// archive, and retention lets events go for good.
type Settings struct {
	// Folder is where the files go.
	Folder string `yaml:"folder" restart:"true"`
	// AfterDays is how old a day is when it is archived. Late events make a day be archived again, so
	// it is a little more than most of them are late.
	AfterDays int `yaml:"after_days" restart:"true"`
}

// DefaultSettings has no archive.
func DefaultSettings() Settings { return Settings{AfterDays: 2} }

// maxAfterDays is a year; more is a slip.
const maxAfterDays = 366

// On reports whether there is an archive.
func (s Settings) On() bool { return s.Folder != "" }

// Validate gives everything that is wrong.
func (s Settings) Validate() error {
	if s.On() && (s.AfterDays < 1 || s.AfterDays > maxAfterDays) {
		return fmt.Errorf("after_days is %d; it must be from 1 to %d", s.AfterDays,
			maxAfterDays)
	}
	return nil
}

// Config is what a Lake needs besides the store. Now and Log are required.
type Config struct {
	Settings
	Now func() time.Time
	Log *slog.Logger
	// Failpoint is called by name at every edge where a crash would be most interesting.
	Failpoint func(name string)
}

// Edges lists the names of the failpoints in the order in which a day meets them; the last two are
// retention's.
func Edges() []string {
	return []string{
		"archive.begin", "archive.written", "archive.synced", "archive.verified", "archive.placed",
		"archive.manifest", "archive.committed", "archive.rechecked", "archive.dropped",
	}
}
