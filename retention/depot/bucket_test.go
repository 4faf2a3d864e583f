package depot

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"analytics/engine/fault"
)

// s3 is a store that speaks S3, wants signed requests, and does what the test says first.
type s3 struct {
	url      string
	requests atomic.Int64
	first    atomic.Pointer[func(w http.ResponseWriter, r *http.Request) (done bool)]
}

const secretKey = "canary-secret-key"

func newS3(t *testing.T) *s3 {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	inner := gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{"access": secretKey})).Server()
	s := &s3{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		if first := s.first.Load(); first != nil && (*first)(w, r) {
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func (s *s3) means(t *testing.T) Means {
	return Means{Staging: t.TempDir(), Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		S3: S3{Endpoint: s.url, AccessKey: "access", SecretKey: secretKey, PathStyle: true}}
}

// bucket is a depot in it.
func (s *s3) bucket(t *testing.T, place string) Depot {
	t.Helper()
	d, err := At(place, s.means(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBucketIsADepot(t *testing.T) {
	s := newS3(t)
	keeps(t, s.bucket(t, "s3://bucket"))
	keeps(t, s.bucket(t, "s3://bucket/some/prefix"))
	keeps(t, s.bucket(t, "s3://bucket/some"))
}

// TestALargeFileGoesUpInParts and comes back the same, as a whole and by ranges.
func TestALargeFileGoesUpInParts(t *testing.T) {
	s := newS3(t)
	d := s.bucket(t, "s3://bucket/x")
	b := make([]byte, 2*partSize+partSize/2+77)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	parts := 0
	count := func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == "PUT" && r.URL.Query().Get("partNumber") != "" {
			parts++
		}
		return false
	}
	s.first.Store(&count)
	staged := stage(t, d, string(b))
	if err := d.Put(t.Context(), "large", staged); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(staged); err == nil || parts != 3 {
		t.Errorf("it went up in %d parts, want 3; the staged file is gone: %v", parts, err)
	}
	body, err := d.Read(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	h := sha256.New()
	if n, err := io.Copy(h, body); n != int64(len(b)) || err != nil || [32]byte(h.Sum(nil)) != sha256.Sum256(b) {
		t.Errorf("read %d bytes, %v, and not the same", n, err)
	}
	at, err := d.Open("large")
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		from := r.IntN(len(b))
		p := make([]byte, 1+r.IntN(min(2*blockSize, len(b)-from)))
		if n, err := at.ReadAt(p, int64(from)); n != len(p) || err != nil || !bytes.Equal(p, b[from:from+n]) {
			t.Fatalf("range of %d from %d: %d, %v", len(p), from, n, err)
		}
	}
}

// TestRangesAreCached: the same block is asked for once, and a file that changed anew.
func TestRangesAreCached(t *testing.T) {
	s := newS3(t)
	d := s.bucket(t, "s3://bucket").(*Bucket)
	put := func(text string) {
		t.Helper()
		if err := d.Put(t.Context(), "x", stage(t, d, text)); err != nil {
			t.Fatal(err)
		}
	}
	read := func(want string) {
		t.Helper()
		at, err := d.Open("x")
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, len(want))
		if _, err := at.ReadAt(p, 0); err != nil || string(p) != want {
			t.Errorf("read %q, %v; want %q", p, err, want)
		}
	}
	put("one")
	before := s.requests.Load()
	for range 10 {
		read("one")
	}
	if got := s.requests.Load() - before; got != 1 {
		t.Errorf("%d requests for one block", got)
	}
	put("two")
	read("two")
	for i := range int64(3 * maxBlocks) {
		_, _ = d.cache.get(block{"x", i})
	}
	if got := len(d.cache.known); got > maxBlocks || got != d.cache.order.Len() {
		t.Errorf("%d blocks are kept, want at most %d", got, maxBlocks)
	}
}

// TestWhatMayGoBetterIsTriedAgain: errors of the store, and connections that break in the middle.
func TestWhatMayGoBetterIsTriedAgain(t *testing.T) {
	s := newS3(t)
	d := s.bucket(t, "s3://bucket")
	text := strings.Repeat("0123456789", 100_000)
	var left atomic.Int64
	left.Store(2)
	fail := func(w http.ResponseWriter, _ *http.Request) bool {
		if left.Add(-1) < 0 {
			return false
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	s.first.Store(&fail)
	if err := d.Put(t.Context(), "x", stage(t, d, text)); err != nil {
		t.Fatal(err)
	}
	left.Store(2)
	cut := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != "GET" || left.Add(-1) < 0 {
			return false
		}
		from := 0
		_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
		w.Header().Set("ETag", `"`+fmt.Sprintf("%x", "etag")+`"`)
		w.Header().Set("Content-Length", fmt.Sprint(len(text)-from))
		w.Header().Set("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, text[from:from+1000])
		panic(http.ErrAbortHandler)
	}
	s.first.Store(&cut)
	body, err := d.Read(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	got, err := io.ReadAll(body)
	if err == nil && string(got) != text {
		t.Errorf("what came over broken connections is %d bytes and not the same", len(got))
	}
	if err != nil && fault.Of(err).Kind != fault.Unavailable {
		t.Errorf("broken connections: %v", err)
	}
}

// TestNothingIsToldOfCredentials, and private addresses are reached only where that is allowed.
func TestNothingIsToldOfCredentials(t *testing.T) {
	s := newS3(t)
	f := func(name, code string, change func(m *Means)) {
		t.Helper()
		m := s.means(t)
		change(&m)
		d, err := At("s3://bucket", m)
		if err == nil {
			_, _, err = d.List(t.Context(), "")
		}
		if got := fault.Of(err).Code; err == nil || got != code {
			t.Errorf("%s: %v, want %s", name, err, code)
		}
		if text := fmt.Sprintf("%v %+v", err, m.S3); strings.Contains(text, "canary") {
			t.Errorf("%s: it tells the secret: %s", name, text)
		}
	}
	f("not allowed", "address_refused", func(m *Means) { m.Allow = nil })
	f("wrong secret", "bucket_refused", func(m *Means) { m.S3.SecretKey = "canary-wrong" })
	f("unknown key", "bucket_refused", func(m *Means) { m.S3.AccessKey = "canary-key" })
	f("no key", "no_credentials", func(m *Means) { m.S3.AccessKey, m.S3.SecretKey = "", "" })
	f("no address", "bad_endpoint", func(m *Means) { m.S3.Endpoint = "127.0.0.1:9000" })
	f("a path", "bad_endpoint", func(m *Means) { m.S3.Endpoint += "/bucket" })
	if _, err := At("s3://bucket/../x", s.means(t)); fault.Of(err).Code != "bad_prefix" {
		t.Errorf("a prefix that leads out: %v", err)
	}
	if _, err := At("s3://", s.means(t)); fault.Of(err).Code != "bad_bucket" {
		t.Errorf("no bucket: %v", err)
	}
	m := s.means(t)
	m.S3 = S3{PathStyle: true}
	m.Env = func(name string) string {
		return map[string]string{"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": secretKey,
			"AWS_ENDPOINT_URL": s.url}[name]
	}
	d, err := At("s3://bucket", m)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := d.List(t.Context(), ""); err != nil {
		t.Errorf("with what the environment says: %v", err)
	}
	if err := errors.Join(d.RemoveAll(t.Context(), "none")); err != nil {
		t.Error(err)
	}
}
