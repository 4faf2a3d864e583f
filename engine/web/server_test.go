package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"analytics/engine/auth"
	"analytics/engine/fault"
)

// serve runs a server until the test ends.
func serve(t testing.TB, dir string, h http.Handler) *Server {
	t.Helper()
	s, err := Listen(Config{Listen: "127.0.0.1:0"}, dir, h, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	t.Cleanup(func() {
		_ = s.Shutdown(context.Background())
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestRefusesToListenInTheClear(t *testing.T) {
	f := func(listen string, proxy, ok bool) {
		t.Helper()
		err := Config{Listen: listen, BehindProxy: proxy}.Validate()
		if (err == nil) != ok {
			t.Errorf("%s behind a proxy: %v: got %v", listen, proxy, err)
		}
	}
	f("127.0.0.1:8088", false, true)
	f("127.8.9.1:0", false, true)
	f("[::1]:8088", false, true)
	f("localhost:8088", false, true)
	f("[::ffff:127.0.0.1]:80", false, true)
	f("0.0.0.0:8088", false, false)
	f(":8088", false, false)
	f("[::]:8088", false, false)
	f("10.1.2.3:8088", false, false)
	f("example.com:8088", false, false)
	f("localhost.example.com:8088", false, false)
	f("0.0.0.0:8088", true, true)
	f("8088", true, false)
	if err := (Config{Listen: ":1", TLS: TLS{Cert: "a"}}).Validate(); err == nil {
		t.Error("a certificate without a key was taken")
	}
}

func TestTheURLIsOneThatABrowserTakes(t *testing.T) {
	f := func(listen, want string) {
		t.Helper()
		quiet := slog.New(slog.DiscardHandler)
		s, err := Listen(Config{Listen: listen, BehindProxy: true}, t.TempDir(), echoMux(), quiet)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Shutdown(t.Context())
		_, port, err := net.SplitHostPort(s.Addr())
		if err != nil || s.URL() != "http://"+net.JoinHostPort(want, port) {
			t.Errorf("%s: got %s, %v, want %s", listen, s.URL(), err, want)
		}
	}
	f("127.0.0.1:0", "127.0.0.1")
	f("0.0.0.0:0", "localhost")
	f(":0", "localhost")
}

func TestAnAddressThatIsTakenIsNamed(t *testing.T) {
	first := serve(t, t.TempDir(), echoMux())
	_, err := Listen(Config{Listen: first.Addr()}, t.TempDir(), echoMux(), slog.New(slog.DiscardHandler))
	want := first.Addr() + " is taken by another program; stop that, or give another as --listen HOST:PORT"
	if f := fault.Of(err); f.Code != "cannot_listen" || f.Message != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSocketIsPrivateAndLocal(t *testing.T) {
	for _, name := range []string{"data", strings.Repeat("long", 40)} {
		dir := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		m := bare(&lines{})
		m.Handle("GET /who", auth.Admin, func(w http.ResponseWriter, r *http.Request) error {
			return JSON(w, 200, Identity(r.Context()).Local)
		})
		// A server that was killed leaves its socket behind.
		old, err := listenSocket(dir)
		if err != nil {
			t.Fatal(err)
		}
		_ = old.UnixListener.Close()
		s := serve(t, dir, m)
		info, err := os.Stat(filepath.Join(dir, SocketName))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the socket has mode %v (%v), want 0600", info.Mode(), err)
		}
		if _, err := listenSocket(dir); fault.Of(err).Code != "already_running" {
			t.Errorf("a second server: got %v", err)
		}
		c := NewClient(dir, nil)
		var local bool
		if err := c.JSON(t.Context(), "GET", "/who", nil, nil, &local); err != nil || !local {
			t.Errorf("over the socket: local is %v (%v)", local, err)
		}
		resp, err := http.Get(s.URL() + "/who")
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("over TCP: got %v %v", resp, err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	}
}

func TestLimitsOfTheConnection(t *testing.T) {
	s := serve(t, t.TempDir(), echoMux())
	send := func(request string) string {
		t.Helper()
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		go func() { _, _ = io.WriteString(c, request) }()
		line, err := bufio.NewReader(c).ReadString('\n')
		if err != nil {
			return err.Error()
		}
		return strings.TrimSpace(line)
	}
	f := func(request, want string) {
		t.Helper()
		if got := send(request); !strings.Contains(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f("GET / HTTP/1.1\r\nHost: a\r\nX: "+strings.Repeat("a", 20<<10)+"\r\n\r\n", "431")
	f("GET / HTTP/1.1\r\nHost: a\r\nX: "+strings.Repeat("a", 12<<10)+"\r\n\r\n", "404")
	f("GET /"+strings.Repeat("a", 9<<10)+" HTTP/1.1\r\nHost: a\r\n\r\n", "413")
	f("GET / HTTP/1.1\r\n\r\n", "400")
	f("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", "413")
	f("GARBAGE\r\n\r\n", "400")
}

func TestFullHousePushesOutTheSilent(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	srv := &http.Server{ConnState: connState, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				_ = http.NewResponseController(w).Flush()
				<-release
			}
			fmt.Fprint(w, "done")
		})}
	go func() { _ = srv.Serve(limit(inner, 4)) }()
	defer srv.Close()
	url := "http://" + inner.Addr().String()
	slow, err := http.Get(url + "/slow") // one at work, which must not be closed
	if err != nil {
		t.Fatal(err)
	}
	for range 12 { // three times as many silent ones as there is room for
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	for range 5 {
		resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(url)
		if err != nil {
			t.Fatalf("a good client among silent ones: %v", err)
		}
		_ = resp.Body.Close()
	}
	close(release)
	if b, err := io.ReadAll(slow.Body); err != nil || string(b) != "done" {
		t.Errorf("the request at work got %q, %v", b, err)
	}
}

func TestShutdownWaitsForRequestsUnderWay(t *testing.T) {
	m := bare(&lines{})
	started, release := make(chan struct{}), make(chan struct{})
	m.Handle("GET /slow", auth.None, func(w http.ResponseWriter, _ *http.Request) error {
		close(started)
		<-release
		return JSON(w, 200, "done")
	})
	s := serve(t, t.TempDir(), m)
	got := make(chan string, 1)
	go func() {
		resp, err := http.Get(s.URL() + "/slow")
		if err != nil {
			got <- err.Error()
			return
		}
		b, _ := io.ReadAll(resp.Body)
		got <- string(b)
	}()
	<-started
	ended := make(chan error, 1)
	go func() { ended <- s.Shutdown(context.Background()) }()
	for { // until it accepts no more
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			break
		}
		_ = c.Close()
	}
	close(release)
	if b := <-got; b != "\"done\"\n" {
		t.Errorf("the request under way got %q", b)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
