package depot_test

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"analytics/engine/fault"
	"analytics/retention/depot"
	"analytics/retention/depot/s3test"
)

func TestBucketIsADepot(t *testing.T) {
	s := s3test.New(t)
	keeps(t, s.Bucket(t, "s3://bucket"))
	keeps(t, s.Bucket(t, "s3://bucket/some/prefix"))
	keeps(t, s.Bucket(t, "s3://bucket/some"))
}

// TestALargeFileGoesUpInParts and comes back the same, as a whole and by ranges.
func TestALargeFileGoesUpInParts(t *testing.T) {
	s := s3test.New(t)
	d := s.Bucket(t, "s3://bucket/x")
	b := make([]byte, 2*depot.PartSize+depot.PartSize/2+77)
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
	s.First.Store(&count)
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
		p := make([]byte, 1+r.IntN(min(2*depot.BlockSize, len(b)-from)))
		if n, err := at.ReadAt(p, int64(from)); n != len(p) || err != nil || !bytes.Equal(p, b[from:from+n]) {
			t.Fatalf("range of %d from %d: %d, %v", len(p), from, n, err)
		}
	}
}

// TestRangesAreCached: the same block is asked for once, and a file that changed anew.
func TestRangesAreCached(t *testing.T) {
	s := s3test.New(t)
	d := s.Bucket(t, "s3://bucket")
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
	before := s.Requests.Load()
	for range 10 {
		read("one")
	}
	if got := s.Requests.Load() - before; got != 1 {
		t.Errorf("%d requests for one block", got)
	}
	put("two")
	read("two")
}

// TestWhatMayGoBetterIsTriedAgain: errors of the store, and connections that break in the middle.
func TestWhatMayGoBetterIsTriedAgain(t *testing.T) {
	s := s3test.New(t)
	d := s.Bucket(t, "s3://bucket")
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
	s.First.Store(&fail)
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
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum([]byte(text))))
		w.Header().Set("Content-Length", fmt.Sprint(len(text)-from))
		w.Header().Set("Last-Modified", "Sat, 21 Nov 2026 12:00:00 GMT")
		w.WriteHeader(http.StatusPartialContent)
		_, _ = io.WriteString(w, text[from:from+1000])
		panic(http.ErrAbortHandler)
	}
	s.First.Store(&cut)
	body, err := d.Read(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	got, err := io.ReadAll(body)
	if err != nil || string(got) != text || left.Load() > -1 {
		t.Errorf("over broken connections came %d bytes, %v; want the same %d", len(got), err, len(text))
	}
}

// TestWhatTheStoreSaysIsTold: who has a wrong clock or asks too much is told so.
func TestWhatTheStoreSaysIsTold(t *testing.T) {
	s := s3test.New(t)
	d := s.Bucket(t, "s3://bucket")
	f := func(status int, said, code, word string) {
		t.Helper()
		answer := func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>m</Message></Error>", said)
			return true
		}
		s.First.Store(&answer)
		err := d.Remove(t.Context(), "x")
		if got := fault.Of(err); got.Code != code || !strings.Contains(got.Message, word) {
			t.Errorf("%s: %v, want %s", said, err, code)
		}
	}
	f(http.StatusForbidden, "RequestTimeTooSkewed", "wrong_clock", "clock")
	f(http.StatusNotImplemented, "NotImplemented", "bucket_unavailable", "said NotImplemented")
}

// TestNothingIsToldOfCredentials, and private addresses are reached only where that is allowed.
func TestNothingIsToldOfCredentials(t *testing.T) {
	s := s3test.New(t)
	f := func(name, code string, change func(m *depot.Means)) {
		t.Helper()
		m := s.Means(t)
		change(&m)
		d, err := depot.At("s3://bucket", m)
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
	f("not allowed", "address_refused", func(m *depot.Means) { m.Allow = nil })
	f("wrong secret", "bucket_refused", func(m *depot.Means) { m.S3.SecretKey = "canary-wrong" })
	f("unknown key", "bucket_refused", func(m *depot.Means) { m.S3.AccessKey = "canary-key" })
	f("no key", "no_credentials", func(m *depot.Means) { m.S3.AccessKey, m.S3.SecretKey = "", "" })
	f("no address", "bad_endpoint", func(m *depot.Means) { m.S3.Endpoint = "127.0.0.1:9000" })
	f("a path", "bad_endpoint", func(m *depot.Means) { m.S3.Endpoint += "/bucket" })
	if _, err := depot.At("s3://bucket/../x", s.Means(t)); fault.Of(err).Code != "bad_prefix" {
		t.Errorf("a prefix that leads out: %v", err)
	}
	if _, err := depot.At("s3://", s.Means(t)); fault.Of(err).Code != "bad_bucket" {
		t.Errorf("no bucket: %v", err)
	}
	m := s.Means(t)
	m.S3 = depot.S3{PathStyle: true}
	m.Env = func(name string) string {
		return map[string]string{"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": s3test.SecretKey,
			"AWS_ENDPOINT_URL": s.URL}[name]
	}
	d, err := depot.At("s3://bucket", m)
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
