package web

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/auth"
)

// certificate writes a certificate for the local machine and its key.
func certificate(t *testing.T) (files TLS, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, b []byte) string {
		path := filepath.Join(dir, name)
		b = pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		roots = x509.NewCertPool()
		roots.AppendCertsFromPEM(b)
		return path
	}
	files.Key = write("key.pem", "PRIVATE KEY", private)
	files.Cert = write("cert.pem", "CERTIFICATE", cert)
	return files, roots
}

func TestServesTLS(t *testing.T) {
	files, roots := certificate(t)
	m := bare(&lines{})
	m.Handle("GET /a", auth.None, ok)
	dir := t.TempDir()
	s, err := Listen(Config{Listen: "0.0.0.0:0", TLS: files}, dir, m, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	_, port, _ := net.SplitHostPort(s.Addr())
	get := func(scheme string, versions uint16) (*http.Response, error) {
		transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{
			RootCAs: roots, MaxVersion: versions, MinVersion: tls.VersionTLS10,
		}}
		defer transport.CloseIdleConnections()
		return (&http.Client{Transport: transport}).Get(scheme + "://127.0.0.1:" + port + "/a")
	}
	if resp, err := get("https", 0); err != nil || resp.StatusCode != 200 || resp.ProtoMajor != 2 {
		t.Errorf("got %v, %v", resp, err)
	}
	if _, err := get("https", tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 was spoken")
	}
	if resp, err := get("http", 0); err == nil && resp.StatusCode != http.StatusBadRequest {
		t.Errorf("plain HTTP: got %v", resp.StatusCode)
	}
	if _, err := NewClient(dir, nil).Do(t.Context(), "GET", "/a", nil, "", nil); err != nil {
		t.Errorf("over the socket, which stays plain: %v", err)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	files.Key = files.Cert
	if _, err := Listen(Config{Listen: "127.0.0.1:0", TLS: files}, dir, m,
		slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a broken key was taken")
	}
}
