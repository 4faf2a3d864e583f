package depot

import (
	"context"
	"net/netip"
	"path"
	"path/filepath"
	"strings"

	"analytics/engine/config"
)

// S3 says how a bucket is reached. What is empty is taken from the environment: AWS_ENDPOINT_URL,
// AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
type S3 struct {
	Endpoint  string        `yaml:"endpoint" restart:"true"`
	Region    string        `yaml:"region" restart:"true"`
	Bucket    string        `yaml:"bucket" restart:"true"`
	Prefix    string        `yaml:"prefix" restart:"true"`
	AccessKey config.Secret `yaml:"access_key" restart:"true"`
	SecretKey config.Secret `yaml:"secret_key" restart:"true"`
	PathStyle bool          `yaml:"path_style" restart:"true"`
}

// On reports whether a bucket is named.
func (s S3) On() bool { return s.Bucket != "" }

// Means is what depots need besides their place.
type Means struct {
	S3      S3             // of the settings; a place says its own bucket and prefix
	Allow   []netip.Prefix // network.allow
	Staging string         // a folder for files on their way into a bucket
	Env     func(string) string
}

// scheme begins the places that are buckets.
const scheme = "s3://"

// At is the depot at a place that somebody wrote: a folder, or s3://bucket/prefix.
func At(place string, m Means) (Depot, error) {
	rest, bucket := strings.CutPrefix(place, scheme)
	if !bucket {
		return NewFolder(place), nil
	}
	s := m.S3
	s.Bucket, s.Prefix, _ = strings.Cut(rest, "/")
	m.S3 = s
	return NewBucket(m)
}

// Split cuts a place into that of the folder it is in, and its name there; a bucket has none.
func Split(place string) (folder, name string) {
	if rest, bucket := strings.CutPrefix(place, scheme); bucket {
		rest = strings.TrimSuffix(rest, "/")
		if !strings.Contains(rest, "/") {
			return place, "" // a bucket is in nothing
		}
		return scheme + path.Dir(rest), path.Base(rest)
	}
	return filepath.Dir(filepath.Clean(place)), filepath.Base(place)
}

// Absolute is a place as another process understands it.
func Absolute(place string) (string, error) {
	if strings.HasPrefix(place, scheme) {
		return place, nil
	}
	return filepath.Abs(place)
}

// Has says whether a file is in a place itself.
func Has(ctx context.Context, d Depot, name string) bool {
	_, ok, err := d.Size(ctx, name)
	return ok && err == nil
}
