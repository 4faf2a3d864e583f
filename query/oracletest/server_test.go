package oracletest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// server is the built binary, serving a folder.
type server struct {
	http *http.Client
}

// start builds the product, imports the events and serves them.
func start(t *testing.T, lines string) (s *server, dir, binary string) {
	t.Helper()
	base := t.TempDir()
	dir, binary = filepath.Join(base, "data"), filepath.Join(base, "analytics")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir, build.Env = filepath.Join("..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	run(t, binary, "import", lines, "--data", dir)
	var log bytes.Buffer
	serve := exec.Command(binary, "serve", "--data", dir, "--listen", "127.0.0.1:0")
	serve.Env = append(os.Environ(), "ANALYTICS_STORE_MIN_FREE_BYTES=16777216") // however full the disk is
	serve.Stdout, serve.Stderr = &log, &log
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = serve.Process.Signal(os.Interrupt); _ = serve.Wait() })
	s = &server{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "analytics.sock"))
		}}}}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := s.get("/readyz", nil); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server is not ready after 30 s:\n%s", log.String())
		}
	}
	for _, job := range []string{"seal", "session_cleanup", "merge", "daily_rollup"} {
		if _, err := s.send("POST", "/v1/jobs/"+job+"/run", nil); err != nil {
			t.Fatal(err)
		}
	}
	return s, dir, binary
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "ANALYTICS_STORE_MIN_FREE_BYTES=16777216")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
}

func (s *server) get(path string, q url.Values) ([]byte, error) { return s.send("GET", path, q) }

func (s *server) send(method, path string, q url.Values) ([]byte, error) {
	req, err := http.NewRequest(method, "http://analytics"+path+"?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	res, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("status %d: %s", res.StatusCode, body)
	}
	return body, err
}

// answer is what the server says, with numbers as they are written.
type answer struct {
	Rows   []map[string]any
	Totals map[string]any
	Meta   struct {
		Exact   bool
		Sources json.RawMessage
		Errors  map[string]float64 `json:"relative_error"`
	}
}

func (s *server) ask(q url.Values) (*answer, error) {
	body, err := s.get("/v1/query", q)
	if err != nil {
		return nil, err
	}
	var a answer
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	return &a, d.Decode(&a)
}
