package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"analytics/engine/auth"
)

// pipes is a listener whose connections are in memory, so that their deadlines keep fake time.
type pipes chan net.Conn

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dialPipe serves m over a pipe with the timeouts of Listen, and gives the client's end.
func dialPipe(t *testing.T, m http.Handler) net.Conn {
	t.Helper()
	l := make(pipes, 1)
	srv := &http.Server{Handler: m, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout}
	go func() { _ = srv.Serve(l) }()
	client, server := net.Pipe()
	l <- server
	t.Cleanup(func() { close(l); _ = srv.Close(); _ = client.Close() })
	return client
}

// trickle sends s byte by byte, one every pause, and returns how long the server put up with it.
func trickle(c net.Conn, s string, pause time.Duration) time.Duration {
	start := time.Now()
	for i := range len(s) {
		if _, err := io.WriteString(c, s[i:i+1]); err != nil {
			break
		}
		time.Sleep(pause)
	}
	return time.Since(start)
}

func TestSlowHeadersAreCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := dialPipe(t, echoMux())
		go func() { _, _ = io.Copy(io.Discard, c) }()
		took := trickle(c, "GET / HTTP/1.1\r\nX: "+strings.Repeat("a", 1000), 100*time.Millisecond)
		if took < 5*time.Second || took > 6*time.Second {
			t.Errorf("slow headers went on for %s, want 5s", took)
		}
	})
}

func TestSlowBodiesAreCutOff(t *testing.T) {
	f := func(name string, bytesPerSecond int, least, most time.Duration, want string) {
		synctest.Test(t, func(t *testing.T) {
			c := dialPipe(t, echoMux())
			answer := make(chan string, 1)
			go func() {
				line, _ := bufio.NewReader(c).ReadString('\n')
				answer <- strings.TrimSpace(line)
				_, _ = io.Copy(io.Discard, c)
			}()
			_, _ = io.WriteString(c, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 40000\r\n\r\n")
			start := time.Now()
			for sent := 0; sent < 40000; sent += bytesPerSecond / 10 {
				if _, err := c.Write(make([]byte, min(bytesPerSecond/10, 40000-sent))); err != nil {
					break
				}
				time.Sleep(time.Second / 10)
			}
			took := time.Since(start)
			if got := <-answer; !strings.Contains(got, want) {
				t.Errorf("%s: got %q, want %q", name, got, want)
			}
			if took < least || took > most {
				t.Errorf("%s: took %s, want between %s and %s", name, took, least, most)
			}
		})
	}
	f("far too slow", 100, 5*time.Second, 7*time.Second, "400 Bad Request")
	f("slow but fine", 4000, 9*time.Second, 11*time.Second, "200 OK")
	f("fast enough, but longer than a request may take", 1200, 29*time.Second, 31*time.Second, "400")
}

func TestReaderThatTakesNothingIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := bare(&lines{})
		ended := make(chan time.Duration, 1)
		m.Handle("GET /big", auth.None, func(w http.ResponseWriter, _ *http.Request) error {
			start := time.Now()
			var err error
			for err == nil {
				_, err = w.Write(make([]byte, 64<<10))
			}
			ended <- time.Since(start)
			return err
		})
		c := dialPipe(t, m)
		_, _ = io.WriteString(c, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
		r := bufio.NewReaderSize(c, 4096)
		for range 100 { // 3 KiB every 10 seconds is slow, but it goes on
			if _, err := io.ReadFull(r, make([]byte, 3<<10)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if took := <-ended; took < writeTimeout || took > writeTimeout+15*time.Second {
			t.Errorf("a reader that takes nothing was served for %s", took)
		}
	})
}
