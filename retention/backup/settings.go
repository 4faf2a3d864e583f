package backup

import (
	"context"
	"errors"
	"path"
	"strings"

	"analytics/engine/fault"
	"analytics/retention/depot"
)

// Settings is the block `backup` of the configuration: where backups go that name no place.
type Settings struct {
	Folder string   `yaml:"folder" restart:"true"`
	S3     depot.S3 `yaml:"s3" restart:"true"`
}

// place is the place that a request means: the one it names, or that of the settings.
func (s Settings) place(named string) (string, error) {
	switch {
	case named != "":
		return named, nil
	case s.Folder != "":
		return s.Folder, nil
	case s.S3.On():
		return "s3://" + path.Join(s.S3.Bucket, s.S3.Prefix), nil
	}
	return "", fault.At(fault.Invalid, "no_place", "to",
		"name a folder or s3://bucket/prefix, or set backup.folder")
}

// means are for a place; a bucket that is named without its own settings is reached as that of the
// archive is.
func (s Settings) means(m depot.Means) depot.Means {
	if s.S3.Endpoint != "" || s.S3.AccessKey != "" || s.S3.On() {
		m.S3 = s.S3
	}
	return m
}

// find opens the backup that somebody wrote: the folder of one, or of many, of which it is the newest.
func find(ctx context.Context, place string, m depot.Means) (*Backup, error) {
	folder, name := depot.Split(place)
	d, err := depot.At(folder, m)
	if err != nil {
		return nil, err
	}
	if name != "" && (isID(name) || strings.HasSuffix(name, partialEnd) ||
		depot.Has(ctx, d, path.Join(name, manifestName)) || depot.Has(ctx, d, path.Join(name, sumsName))) {
		return Open(ctx, d, name)
	}
	if d, err = depot.At(place, m); err != nil {
		return nil, err
	}
	return Open(ctx, d, "")
}

// Validate gives everything that is wrong.
func (s Settings) Validate() error {
	if s.Folder != "" && s.S3.On() {
		return errors.New("folder and s3.bucket are two places; name one")
	}
	return nil
}
