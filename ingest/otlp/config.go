package otlp

import (
	"net"

	"analytics/engine/fault"
	"analytics/engine/web"
)

// Config is the `otlp:` block. OTLP over HTTP needs none: it comes by the main address.
type Config struct {
	GRPCListen string `yaml:"grpc_listen" doc:"Address for OTLP over gRPC, such as 127.0.0.1:4317. Empty: none." restart:"true"`
}

// DefaultConfig opens no port.
func DefaultConfig() Config { return Config{} }

// Validate says what is wrong with the block.
func (c Config) Validate() error {
	if c.GRPCListen == "" {
		return nil
	}
	if _, _, err := net.SplitHostPort(c.GRPCListen); err != nil {
		return fault.At(fault.Invalid, "bad_config", "grpc_listen",
			"grpc_listen must be host:port, such as 127.0.0.1:4317, not %q", c.GRPCListen)
	}
	return nil
}

// at is the main address's configuration, moved to the port of gRPC: what holds for keys in the
// clear holds there too.
func (c Config) at(main web.Config) (web.Config, error) {
	if err := c.Validate(); err != nil {
		return main, err
	}
	main.Listen = c.GRPCListen
	if err := main.Validate(); err != nil {
		f := fault.Of(err)
		return main, fault.At(f.Kind, f.Code, "otlp.grpc_listen", "otlp.grpc_listen: %s", f.Message)
	}
	return main, nil
}
