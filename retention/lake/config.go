package lake

import (
	"errors"
	"fmt"
	"log/slog"
	"path"
	"time"

	"analytics/retention/depot"
)

// Settings is the block `archive` of the configuration. Without a folder there is no
// archive, and retention lets events go for good.
type Settings struct {
	// Folder is where the files go.
	Folder string `yaml:"folder" restart:"true"`
	// S3 is the bucket where the files go instead.
	S3 depot.S3 `yaml:"s3" restart:"true"`
	// AfterDays is how old a day is when it is archived. Late events make a day be archived again, so
	// it is a little more than most of them are late.
	AfterDays int `yaml:"after_days" restart:"true"`
}

// DefaultSettings has no archive.
func DefaultSettings() Settings { return Settings{AfterDays: 2} }

// maxAfterDays is a year; more is a slip.
const maxAfterDays = 366

// On reports whether there is an archive.
func (s Settings) On() bool { return s.Folder != "" || s.S3.On() }

// Place is where the archive is, "" without one.
func (s Settings) Place() string {
	if s.Folder == "" && s.S3.On() {
		return "s3://" + path.Join(s.S3.Bucket, s.S3.Prefix)
	}
	return s.Folder
}

// Validate gives everything that is wrong.
func (s Settings) Validate() error {
	if s.Folder != "" && s.S3.On() {
		return errors.New("folder and s3.bucket are two places; name one")
	}
	if s.On() && (s.AfterDays < 1 || s.AfterDays > maxAfterDays) {
		return fmt.Errorf("after_days is %d; it must be from 1 to %d", s.AfterDays,
			maxAfterDays)
	}
	return nil
}

// Config is what a Lake needs besides the store. Now and Log are required.
type Config struct {
	Settings
	Means depot.Means // of a bucket
	Now   func() time.Time
	Log   *slog.Logger
	// Failpoint is called by name at every edge where a crash would be most interesting.
	Failpoint func(name string)
}

// AdoptEdges lists those of taking over what a former self archived, with the store's.
func AdoptEdges() []string {
	return []string{"adopt.begin", "adopt.staged", "adopt.proved", "adopt.before", "adopt.after", "adopt.taken",
		"adopt.committed"}
}

// Edges lists the names of the failpoints in the order in which a day meets them; the last two are
// retention's.
func Edges() []string {
	return []string{
		"archive.begin", "archive.written", "archive.synced", "archive.verified", "archive.placed",
		"archive.manifest", "archive.committed", "archive.rechecked", "archive.dropped",
	}
}
