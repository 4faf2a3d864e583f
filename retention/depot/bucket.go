package depot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"analytics/engine/config"
	"analytics/engine/fault"
	"analytics/engine/outbound"
)

// How a bucket is spoken to.
const (
	// PartSize is what goes up in one request; a larger file goes up in parts, and is there all at once.
	PartSize = 16 << 20
	// retries are how often what may go better the next time is tried, each after a longer pause.
	retries = 5
	pause   = 100 * time.Millisecond
	// answerWithin is for the head of an answer, rangeWithin for a range of a file.
	answerWithin = 30 * time.Second
	rangeWithin  = 2 * time.Minute
)

// Bucket is a depot in a bucket of any store that speaks S3.
type Bucket struct {
	core    minio.Core    // tries again what may go better
	up      *minio.Client // tries once, see Put
	bucket  string
	prefix  string // "" or with a slash at its end
	staging string
	cache   *cache
}

// NewBucket is the depot in the bucket that the settings name. It asks nothing yet.
func NewBucket(m Means) (*Bucket, error) {
	s, token := m.S3.filled(m.Env)
	if err := s.check(); err != nil {
		return nil, err
	}
	at, err := url.Parse(s.Endpoint)
	if err != nil || at.Host == "" || at.Scheme != "https" && at.Scheme != "http" || strings.Trim(at.Path, "/") != "" {
		return nil, fault.At(fault.Invalid, "bad_endpoint", "s3.endpoint",
			"%q is no address of an S3 store; write it as https://host or https://host:port", s.Endpoint)
	}
	// Without TLS anybody on the way reads what goes there, so only private networks are reached.
	guard := outbound.Guard{Allow: m.Allow, Public: at.Scheme == "https"}
	lookup := minio.BucketLookupAuto
	if s.PathStyle {
		lookup = minio.BucketLookupPath
	}
	options := minio.Options{
		Creds:  credentials.NewStaticV4(string(s.AccessKey), string(s.SecretKey), token),
		Secure: at.Scheme == "https", Region: s.Region, BucketLookup: lookup, MaxRetries: retries,
		Transport: &http.Transport{DialContext: guard.Dial, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
			TLSHandshakeTimeout: answerWithin, ResponseHeaderTimeout: answerWithin, DisableCompression: true},
	}
	client, err := minio.New(at.Host, &options)
	options.MaxRetries = 1
	up, second := minio.New(at.Host, &options)
	if err = errors.Join(err, second); err != nil {
		return nil, fault.At(fault.Invalid, "bad_bucket", "s3", "%v", err)
	}
	b := &Bucket{core: minio.Core{Client: client}, up: up, bucket: s.Bucket, staging: m.Staging,
		prefix: strings.Trim(s.Prefix, "/")}
	if b.prefix != "" {
		b.prefix += "/"
	}
	b.cache = newCache(b.fetch)
	return b, nil
}

// filled is the settings with what the environment says, and its session token.
func (s S3) filled(env func(string) string) (_ S3, token string) {
	if env == nil {
		env = func(string) string { return "" }
	}
	if s.AccessKey == "" && s.SecretKey == "" {
		s.AccessKey = config.Secret(env("AWS_ACCESS_KEY_ID"))
		s.SecretKey = config.Secret(env("AWS_SECRET_ACCESS_KEY"))
		token = env("AWS_SESSION_TOKEN")
	}
	s.Region = cmp.Or(s.Region, env("AWS_REGION"), env("AWS_DEFAULT_REGION"), "us-east-1")
	s.Endpoint = cmp.Or(s.Endpoint, env("AWS_ENDPOINT_URL_S3"), env("AWS_ENDPOINT_URL"), "https://s3.amazonaws.com")
	return s, token
}

func (s S3) check() error {
	switch {
	case s.Bucket == "" || s.Bucket == "." || strings.ContainsAny(s.Bucket, "/\\"):
		return fault.At(fault.Invalid, "bad_bucket", "s3.bucket", "%q is no name of a bucket", s.Bucket)
	case s.AccessKey == "" || s.SecretKey == "":
		return fault.At(fault.Invalid, "no_credentials", "s3.access_key",
			"the bucket %s needs s3.access_key and s3.secret_key, or AWS_ACCESS_KEY_ID and "+
				"AWS_SECRET_ACCESS_KEY in the environment", s.Bucket)
	case slices.Contains(strings.Split(s.Prefix, "/"), ".."):
		return fault.At(fault.Invalid, "bad_prefix", "s3.prefix", "a prefix has no .. in it")
	}
	return nil
}

// String is the bucket and the prefix.
func (b *Bucket) String() string { return scheme + path.Join(b.bucket, b.prefix) }

func (b *Bucket) key(name string) string { return b.prefix + name }

// explain words an error of the client's. What it says itself has no credentials in it.
func (b *Bucket) explain(name string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, outbound.ErrRefused) {
		return fault.New(fault.Invalid, "address_refused", "the store of the bucket %s cannot be reached: "+
			"its address is private, or not encrypted and not in network.allow", b.bucket).Wrap(err)
	}
	where := scheme + path.Join(b.bucket, b.key(name))
	response := minio.ToErrorResponse(err)
	switch response.Code {
	case minio.NoSuchKey, "NotFound":
		return &fs.PathError{Op: "read", Path: where, Err: fs.ErrNotExist}
	case minio.NoSuchBucket, minio.AccessDenied, "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken":
		return fault.New(fault.Invalid, "bucket_refused", "the store of the bucket %s said %s; look at the "+
			"bucket's name and the credentials", b.bucket, response.Code).Wrap(err)
	case "RequestTimeTooSkewed":
		return fault.New(fault.Unavailable, "wrong_clock", "the store of the bucket %s has another time than this "+
			"machine, and refuses what it asks; set the clock", b.bucket).Wrap(err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if response.StatusCode != 0 { // SlowDown and the like
		return fault.New(fault.Unavailable, "bucket_unavailable", "the store of the bucket %s said %s; it is tried "+
			"again the next time", b.bucket, response.Code).Wrap(err)
	}
	return fault.New(fault.Unavailable, "bucket_unreachable", "%s could not be reached; it is tried again "+
		"the next time", where).Wrap(err)
}

// Staging is a folder of this machine: what goes up is read more than once.
func (b *Bucket) Staging() (string, error) {
	dir := cmp.Or(b.staging, os.TempDir())
	return dir, os.MkdirAll(dir, 0o700)
}

// Put uploads the file, in parts if it is large, and removes it here. Each part has a checksum that
// the store compares; a file is there when all of its parts are. Each attempt opens the file anew:
// the client's own retries seek in a body that the connection before may still be reading.
func (b *Bucket) Put(ctx context.Context, name, staged string) error {
	b.cache.forget(b.key(name))
	defer b.cache.forget(b.key(name))
	for n := 0; ; n++ {
		err := b.upload(ctx, name, staged)
		if err == nil {
			return os.Remove(staged)
		}
		if n == retries-1 || !mayGoBetter(err) {
			return b.explain(name, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause<<n + rand.N(pause)):
		}
	}
}

func (b *Bucket) upload(ctx context.Context, name, staged string) error {
	f, err := os.Open(staged)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	up, err := b.up.PutObject(ctx, b.bucket, b.key(name), f, info.Size(), minio.PutObjectOptions{
		PartSize: PartSize, NumThreads: 2, SendContentMd5: true, ContentType: "application/octet-stream",
		// An empty body that is signed in chunks has no length, which some stores refuse.
		DisableContentSha256: info.Size() == 0})
	if err == nil && up.Size != info.Size() {
		err = fmt.Errorf("%d bytes went up of %d", up.Size, info.Size())
	}
	return err
}

// mayGoBetter says whether it makes sense to try again: the store was not reached, or said that it is
// its own fault.
func mayGoBetter(err error) bool {
	if errors.Is(err, outbound.ErrRefused) || errors.Is(err, context.Canceled) {
		return false
	}
	status := minio.ToErrorResponse(err).StatusCode
	return status == 0 || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests ||
		status == http.StatusRequestTimeout
}

// Read reads a file from its beginning. Where the connection breaks it goes on with another.
func (b *Bucket) Read(ctx context.Context, name string) (io.ReadCloser, error) {
	r := &stream{b: b, ctx: ctx, name: name}
	if err := r.open(); err != nil {
		return nil, err
	}
	return r, nil
}

// Open gives a file's bytes by range, through the cache.
func (b *Bucket) Open(name string) (io.ReaderAt, error) {
	return &ranges{b: b, name: name}, nil
}

// Size asks the store.
func (b *Bucket) Size(ctx context.Context, name string) (int64, bool, error) {
	info, err := b.core.Client.StatObject(ctx, b.bucket, b.key(name), minio.StatObjectOptions{})
	err = b.explain(name, err)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	return info.Size, err == nil, err
}

// List asks the store, which knows folders only as what names begin with.
func (b *Bucket) List(ctx context.Context, dir string) (files, folders []string, err error) {
	from := b.prefix
	if dir != "" {
		from = b.key(strings.Trim(dir, "/")) + "/"
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for o := range b.core.Client.ListObjects(ctx, b.bucket, minio.ListObjectsOptions{Prefix: from}) {
		if o.Err != nil {
			return nil, nil, b.explain(dir, o.Err)
		}
		name, folder := strings.CutSuffix(strings.TrimPrefix(o.Key, from), "/")
		switch {
		case name == "" || strings.HasPrefix(name, "."):
		case folder:
			folders = append(folders, name)
		default:
			files = append(files, name)
		}
	}
	slices.Sort(files)
	slices.Sort(folders)
	return files, folders, ctx.Err()
}

// Remove removes the file.
func (b *Bucket) Remove(ctx context.Context, name string) error {
	b.cache.forget(b.key(name))
	return b.explain(name, b.core.Client.RemoveObject(ctx, b.bucket, b.key(name), minio.RemoveObjectOptions{}))
}

// RemoveAll removes every file whose name begins with the folder's, and parts of files that never
// came to their end.
func (b *Bucket) RemoveAll(ctx context.Context, dir string) error {
	from := b.key(strings.Trim(dir, "/")) + "/"
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	for o := range b.core.Client.ListObjects(within, b.bucket, minio.ListObjectsOptions{Prefix: from}) {
		name := strings.TrimPrefix(o.Key, b.prefix)
		err := b.explain(dir, o.Err)
		switch {
		case err != nil:
		case strings.HasSuffix(name, "/") && o.Key != from: // all below at once is not understood everywhere
			err = b.RemoveAll(ctx, name)
		default:
			err = b.Remove(ctx, name)
		}
		if err != nil {
			return err
		}
	}
	for o := range b.core.Client.ListIncompleteUploads(within, b.bucket, from, true) {
		if minio.ToErrorResponse(o.Err).Code == "NoSuchUpload" { // there are none, say some stores
			break
		}
		if o.Err != nil {
			return b.explain(dir, o.Err)
		}
		if err := b.core.Client.RemoveIncompleteUpload(ctx, b.bucket, o.Key); err != nil {
			return b.explain(dir, err)
		}
	}
	return nil
}

// Draft is the folder itself: nothing can be renamed in a bucket.
func (b *Bucket) Draft(dir string) string { return dir }

// Publish does nothing: the file that is put last makes the folder whole.
func (b *Bucket) Publish(context.Context, string) error { return nil }
