package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"

	"analytics/engine/outbound"
)

// reason says in a few words why an upstream could not be reached. The error's own text may hold
// addresses of the network this server stands in, which are for the log.
func reason(err error) string {
	if errors.Is(err, outbound.ErrRefused) {
		return "its address is private; add the range to network.allow if that is meant"
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "its name is not known"
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return "the connection was refused"
	}
	if isTLS(err) {
		return "no secure connection could be made"
	}
	if errors.Is(err, context.Canceled) {
		return "the call was given up"
	}
	return "the connection broke before an answer came"
}

func isTLS(err error) bool {
	_, record := errors.AsType[tls.RecordHeaderError](err)
	_, verify := errors.AsType[*tls.CertificateVerificationError](err)
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, alert := errors.AsType[tls.AlertError](err)
	return record || verify || unknown || alert
}
