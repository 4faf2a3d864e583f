package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"analytics/engine/fault"
)

// SocketName is the unix socket in the data directory. Who may open it is the local user.
const SocketName = "analytics.sock"

// maxSocketPath is what fits into the kernel's sockaddr_un on all systems, with its NUL.
const maxSocketPath = 103

// socket is the listener on the unix socket; closing it removes the file.
type socket struct {
	*net.UnixListener
	path string
}

// listenSocket makes the socket, with mode 0600 from its first moment: it is bound under another
// name, made private, and renamed. The rename also replaces the socket that a killed server left.
func listenSocket(dir string) (*socket, error) {
	path := filepath.Join(dir, SocketName)
	if conn, err := dialSocket(context.Background(), dir); err == nil {
		_ = conn.Close()
		return nil, fault.New(fault.Conflict, "already_running",
			"a server answers on %s already; stop it first", path)
	}
	temp := fmt.Sprintf(".%s.%d", SocketName, os.Getpid())
	_ = os.Remove(filepath.Join(dir, temp))
	short, done, err := shortPath(dir, temp)
	if err != nil {
		return nil, err
	}
	defer done()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("socket in %s: %w", dir, err)
	}
	l.SetUnlinkOnClose(false)
	err = os.Chmod(filepath.Join(dir, temp), 0o600)
	if err == nil {
		err = os.Rename(filepath.Join(dir, temp), path)
	}
	if err != nil {
		_ = l.Close()
		_ = os.Remove(filepath.Join(dir, temp))
		return nil, fmt.Errorf("socket in %s: %w", dir, err)
	}
	return &socket{UnixListener: l, path: path}, nil
}

// Close stops listening and removes the file.
func (s *socket) Close() error {
	err := s.UnixListener.Close()
	_ = os.Remove(s.path)
	return err
}

// dialSocket connects to the server of a data directory.
func dialSocket(ctx context.Context, dir string) (net.Conn, error) {
	short, done, err := shortPath(dir, SocketName)
	if err != nil {
		return nil, err
	}
	defer done()
	d := net.Dialer{Timeout: 5 * time.Second}
	return d.DialContext(ctx, "unix", short)
}

// noServer reports whether err of dialSocket means that nobody serves the directory.
func noServer(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) ||
		errors.Is(err, syscall.ENOTSOCK)
}

// shortPath is a path of the file in dir that fits into a socket address. A folder whose name is
// too long is opened and named by its number, which Linux can.
func shortPath(dir, name string) (path string, done func(), err error) {
	path = filepath.Join(dir, name)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fault.At(fault.Invalid, "path_too_long", "data",
			"the data directory's path is too long for a unix socket (%d bytes over %d): %s",
			len(path)-maxSocketPath, maxSocketPath, dir)
	}
	folder, err := os.Open(dir)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name), func() { _ = folder.Close() }, nil
}
