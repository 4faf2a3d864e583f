package backup

import (
	"cmp"
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

// means are for a place. What backup.s3 leaves out is that of the archive's bucket, whose credentials
// are for its own store alone.
func (s Settings) means(m depot.Means) depot.Means {
	own := s.S3
	if own.Endpoint == "" || own.Endpoint == m.S3.Endpoint {
		own.Endpoint, own.PathStyle = m.S3.Endpoint, own.PathStyle || m.S3.PathStyle
		own.Region = cmp.Or(own.Region, m.S3.Region)
		if own.AccessKey == "" {
			own.AccessKey, own.SecretKey = m.S3.AccessKey, m.S3.SecretKey
		}
	}
	m.S3 = own
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
