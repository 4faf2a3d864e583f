package otlp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"

	"analytics/engine/web"
)

// Listen opens the port of gRPC, if one is configured, so that a caller knows at once whether it can
// serve. main is where and how the house listens; its TLS is used here too. It comes after Routes,
// and nothing is answered before Run.
func (d *Door) Listen(cfg Config, main web.Config) (err error) {
	if cfg.GRPCListen == "" {
		return nil
	}
	if main, err = cfg.at(main); err != nil {
		return err
	}
	d.server = &http.Server{
		Handler: http.HandlerFunc(d.onlyCalls), ReadHeaderTimeout: grpcHeader, ReadTimeout: grpcRead,
		IdleTimeout: grpcIdle, ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug),
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxGRPCStreams}, Protocols: new(http.Protocols),
		ConnState: crowd(maxGRPCConns),
	}
	if main.TLS.Cert == "" {
		d.server.Protocols.SetUnencryptedHTTP2(true)
	} else {
		pair, err := tls.LoadX509KeyPair(main.TLS.Cert, main.TLS.Key)
		if err != nil {
			return fmt.Errorf("otlp: tls: %w", err)
		}
		d.server.Protocols.SetHTTP2(true)
		d.server.TLSConfig = &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair},
		}
	}
	if d.port, err = net.Listen("tcp", main.Listen); err != nil {
		return fmt.Errorf("otlp.grpc_listen: %w", err)
	}
	return nil
}

// Addr is the address of gRPC, with the port that the system chose if none was given; "" if there
// is none.
func (d *Door) Addr() string {
	if d.port == nil {
		return ""
	}
	return d.port.Addr().String()
}

// Run answers calls of gRPC until ctx ends, and then waits for those under way. Without a port it
// does nothing.
func (d *Door) Run(ctx context.Context) {
	if d.port == nil {
		return
	}
	ended := make(chan error, 1)
	go func() {
		if d.server.TLSConfig != nil {
			ended <- d.server.ServeTLS(d.port, "", "")
		} else {
			ended <- d.server.Serve(d.port)
		}
	}()
	select {
	case err := <-ended:
		d.log.Error("otlp: gRPC is not answered any more", "error", err)
		return
	case <-ctx.Done():
	}
	wait, cancel := context.WithTimeout(context.WithoutCancel(ctx), grpcDrain)
	defer cancel()
	if err := d.server.Shutdown(wait); err != nil {
		d.log.Warn("otlp: calls under way were cut off", "error", err)
		_ = d.server.Close()
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		d.log.Error("otlp: gRPC did not end well", "error", err)
	}
}

// onlyCalls keeps the house's other doors off this port, which may be open to other machines.
func (d *Door) onlyCalls(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, grpcPrefix) {
		d.mux.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/grpc")
	w.Header().Set("Grpc-Status", "12") // UNIMPLEMENTED
	w.Header().Set("Grpc-Message", "this port has OTLP only")
}

// crowd closes connections beyond max. An exporter keeps one open for all it sends.
func crowd(max int64) func(net.Conn, http.ConnState) {
	var open atomic.Int64
	return func(c net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			if open.Add(1) > max {
				_ = c.Close()
			}
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		}
	}
}
