// Package s3test is a store that speaks S3, in the process of a test.
//
// It owns nothing and is in no program: the tests of depots, the archive and backups run against it.
// It checks signatures, and a test may look at each request first.
package s3test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"

	"analytics/retention/depot"
)

// SecretKey is what its requests are signed with; no text may hold it.
const SecretKey = "canary-secret-key"

// Server is the store. It has one bucket, named bucket.
type Server struct {
	URL      string
	Requests atomic.Int64
	// First, if set, sees each request before the store does, and says whether it has answered it.
	First atomic.Pointer[func(w http.ResponseWriter, r *http.Request) (done bool)]
}

// New starts a store that ends with the test.
func New(t *testing.T) *Server {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(t.Context(), "bucket"); err != nil {
		t.Fatal(err)
	}
	inner := gofakes3.New(backend, gofakes3.WithV4Auth(map[string]string{"access": SecretKey})).Server()
	s := &Server{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Requests.Add(1)
		if first := s.First.Load(); first != nil && (*first)(w, r) {
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Means are what reaches it.
func (s *Server) Means(t *testing.T) depot.Means {
	return depot.Means{Staging: t.TempDir(), Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		S3: depot.S3{Endpoint: s.URL, AccessKey: "access", SecretKey: SecretKey, PathStyle: true}}
}

// Bucket is a depot in it, at s3://bucket/….
func (s *Server) Bucket(t *testing.T, place string) *depot.Bucket {
	t.Helper()
	d, err := depot.At(place, s.Means(t))
	if err != nil {
		t.Fatal(err)
	}
	return d.(*depot.Bucket)
}
