package web

import (
	"net"
	"net/netip"
	"strings"

	"analytics/engine/fault"
)

// Config is where and how the server listens.
type Config struct {
	Listen      string `yaml:"listen" doc:"Address for HTTP. Any other than the local machine needs tls or behind_proxy." restart:"true"`
	BehindProxy bool   `yaml:"behind_proxy" doc:"A proxy on this machine or in a private network does TLS for us." restart:"true"`
	TLS         TLS    `yaml:"tls"`
}

// TLS is the certificate to serve https with.
type TLS struct {
	Cert string `yaml:"cert" doc:"File with the certificate chain (PEM)." restart:"true"`
	Key  string `yaml:"key" doc:"File with the private key (PEM)." restart:"true"`
}

// DefaultConfig listens on the local machine only.
func DefaultConfig() Config { return Config{Listen: "127.0.0.1:8088"} }

// Validate refuses to serve the network in the clear.
func (c Config) Validate() error {
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		return fault.At(fault.Invalid, "bad_config", "tls", "tls needs both cert and key")
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fault.At(fault.Invalid, "bad_config", "listen",
			"listen must be host:port, such as 127.0.0.1:8088, not %q", c.Listen)
	}
	if !loopback(host) && c.TLS.Cert == "" && !c.BehindProxy {
		return fault.At(fault.Invalid, "open_listen", "listen",
			"listening on %s would send keys over the network in the clear; set tls cert and key, "+
				"or behind_proxy: true if a proxy does TLS, or listen on 127.0.0.1", c.Listen)
	}
	return nil
}

// Secure reports whether browsers come by https.
func (c Config) Secure() bool { return c.TLS.Cert != "" || c.BehindProxy }

// Private reports whether only this machine can reach the server.
func (c Config) Private() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && loopback(host) && !c.BehindProxy
}

// loopback holds for names and addresses that never leave the machine. An empty host is every
// address, and a name other than localhost may be anywhere.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
