package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary builds the command once for all tests of the package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "analytics-crash")
	if err != nil {
		return "", err
	}
	out := filepath.Join(dir, "analytics")
	build := exec.Command("go", "build", "-o", out, "analytics")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, text)
	}
	return out, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// server is one life of the real binary.
type server struct {
	t    *testing.T
	dir  string
	cmd  *exec.Cmd
	log  *bytes.Buffer
	http *http.Client
	gone chan struct{}
}

// settings are small, so that memtables rotate, heads seal and files compact within a second.
var settings = []string{
	"ANALYTICS_STORE_MEMTABLE_BYTES=8388608",
	"ANALYTICS_STORE_HEAD_BYTES=4194304",
	"ANALYTICS_STORE_MIN_FREE_BYTES=16777216",
	"ANALYTICS_LISTEN=127.0.0.1:0",
}

// start runs `analytics serve` on the folder and waits until it is ready. A process that ends before
// it is ready is an error only if wantReady.
func start(t *testing.T, dir string, wantReady bool, env ...string) *server {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, dir: dir, log: &bytes.Buffer{}, gone: make(chan struct{})}
	s.cmd = exec.Command(path, "serve", "--data", dir)
	s.cmd.Env = append(append(os.Environ(), settings...), env...)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.cmd.Wait()
		close(s.gone)
	}()
	s.http = &http.Client{Timeout: 60 * time.Second, Transport: socketTransport(dir)}
	t.Cleanup(s.kill)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if r, err := s.http.Get("http://analytics/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return s
			}
		}
		select {
		case <-s.gone:
			if wantReady {
				t.Fatalf("the server ended before it was ready:\n%s", s.log)
			}
			return s
		case <-time.After(5 * time.Millisecond):
		}
	}
	if wantReady {
		t.Fatalf("the server was not ready in 20 s:\n%s", s.log)
	}
	return s
}

// socketTransport speaks to the server of a data folder over its socket.
func socketTransport(dir string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "analytics.sock"))
	}}
}

// kill ends the process at once and waits for its end.
func (s *server) kill() {
	s.cmd.Process.Signal(syscall.SIGKILL)
	<-s.gone
	s.http.CloseIdleConnections()
}

// terminate asks the process to end and says how long it took.
func (s *server) terminate() time.Duration {
	s.t.Helper()
	begin := time.Now()
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(25 * time.Second):
		s.t.Fatalf("SIGTERM did not end the server in 25 s:\n%s", s.log)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Fatalf("exit code %d after SIGTERM:\n%s", code, s.log)
	}
	return time.Since(begin)
}

func (s *server) alive() bool {
	select {
	case <-s.gone:
		return false
	default:
		return true
	}
}

// errStatus is an answer other than 200.
type errStatus struct {
	code int
	body string
}

func (e errStatus) Error() string { return fmt.Sprintf("status %d: %s", e.code, e.body) }

// do sends a request and gives the body of a 200 answer.
func (s *server) do(method, path, contentType string, body []byte) ([]byte, error) {
	req, err := http.NewRequest(method, "http://analytics"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	r, err := s.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	out, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if r.StatusCode != http.StatusOK {
		return nil, errStatus{r.StatusCode, string(out)}
	}
	return out, nil
}

// job runs a job by hand; it fails the test only while the server lives.
func (s *server) job(name string) error {
	_, err := s.do("POST", "/v1/jobs/"+name+"/run", "", nil)
	var status errStatus
	if errors.As(err, &status) {
		return fmt.Errorf("job %s: %w", name, err)
	}
	return nil
}

// command runs another verb of the binary on the folder.
func command(t *testing.T, dir string, args ...string) (string, int) {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append(args, "--data", dir)...)
	cmd.Env = append(os.Environ(), settings...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out)), cmd.ProcessState.ExitCode()
}
