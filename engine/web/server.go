package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"

	"analytics/engine/fault"
)

// Server serves a handler on TCP and on the unix socket of the data directory.
type Server struct {
	http   *http.Server
	tcp    net.Listener
	socket *socket
	secure bool
}

// Listen binds both addresses, so that a caller knows at once whether it can serve. Nothing is
// answered before Serve.
func Listen(cfg Config, dataDir string, h http.Handler, log *slog.Logger) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Server{secure: cfg.TLS.Cert != ""}
	s.http = &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader - 4096, // net/http adds 4 KiB of its own
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnContext:       connContext,
		ConnState:         connState,
	}
	drain := make(chan struct{})
	s.http.BaseContext = func(net.Listener) context.Context {
		return context.WithValue(context.Background(), drainKey{}, drain)
	}
	s.http.RegisterOnShutdown(sync.OnceFunc(func() { close(drain) }))
	var err error
	if s.tcp, err = net.Listen("tcp", cfg.Listen); err != nil {
		return nil, listenFault(cfg.Listen, err)
	}
	s.tcp = limit(s.tcp, maxConns)
	if s.secure {
		pair, err := tls.LoadX509KeyPair(cfg.TLS.Cert, cfg.TLS.Key)
		if err != nil {
			_ = s.tcp.Close()
			return nil, fmt.Errorf("tls: %w", err)
		}
		s.http.TLSConfig = &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		}
	}
	if s.socket, err = listenSocket(dataDir); err != nil {
		_ = s.tcp.Close()
		return nil, err
	}
	return s, nil
}

// listenFault says what to do about an address that cannot be had.
func listenFault(address string, err error) error {
	what := "cannot be listened on; give another as --listen HOST:PORT"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		what = "is taken by another program; stop that, or give another as --listen HOST:PORT"
	case errors.Is(err, syscall.EACCES):
		what = "may not be listened on by this user; take a port from 1024 on as --listen HOST:PORT"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		what = "is of no network interface here; give another as --listen HOST:PORT"
	}
	return fault.At(fault.Conflict, "cannot_listen", "listen", "%s %s", address, what).Wrap(err)
}

// connContext marks requests from the unix socket as local.
func connContext(ctx context.Context, c net.Conn) context.Context {
	if _, ok := c.(*net.UnixConn); ok {
		return AsLocal(ctx)
	}
	return ctx
}

// connState tells the limited listener which connections it may close for new ones.
func connState(c net.Conn, state http.ConnState) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	if n, ok := c.(*conn); ok && (state == http.StateActive || state == http.StateIdle) {
		n.of.busy(n, state == http.StateActive)
	}
}

// Addr is the TCP address, with the port that the system chose if none was given.
func (s *Server) Addr() string { return s.tcp.Addr().String() }

// URL is where browsers on this machine find the server. One that listens on every address has none that
// a browser could be given: they know no [::].
func (s *Server) URL() string {
	address := s.Addr()
	if tcp, ok := s.tcp.Addr().(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		address = net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	if s.secure {
		return "https://" + address
	}
	return "http://" + address
}

// Serve answers until Shutdown, and returns nil then.
func (s *Server) Serve() error {
	errs := make([]error, 2)
	var both sync.WaitGroup
	both.Go(func() { errs[0] = s.http.Serve(s.socket) })
	both.Go(func() {
		if s.secure {
			errs[1] = s.http.ServeTLS(s.tcp, "", "")
		} else {
			errs[1] = s.http.Serve(s.tcp)
		}
		if !errors.Is(errs[1], http.ErrServerClosed) {
			_ = s.http.Close() // one listener alone would be half a server
		}
	})
	both.Wait()
	for i, err := range errs {
		if errors.Is(err, http.ErrServerClosed) {
			errs[i] = nil
		}
	}
	return errors.Join(errs...)
}

// Shutdown takes no new requests, waits for those under way, at most ten seconds or as long as ctx
// allows, and then cuts them off. The error says that some were.
func (s *Server) Shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if err != nil {
		_ = s.http.Close()
		return fmt.Errorf("requests under way were cut off: %w", err)
	}
	// Shutdown before Serve knows no listener.
	_ = s.tcp.Close()
	_ = s.socket.Close()
	return nil
}
