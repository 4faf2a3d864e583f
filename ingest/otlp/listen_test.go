package otlp

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/engine/web"
)

// certificate is files with a key and a certificate for 127.0.0.1, and who signed it.
func certificate(t *testing.T) (web.TLS, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	files := web.TLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	for path, block := range map[string]*pem.Block{
		files.Cert: {Type: "CERTIFICATE", Bytes: der}, files.Key: {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})) {
		t.Fatal("the certificate cannot be read")
	}
	return files, pool
}

func TestGRPCUsesTheHousesTLS(t *testing.T) {
	h := newHouse(t)
	files, pool := certificate(t)
	p := dial(h, web.Config{TLS: files})
	way := &http.Transport{
		Protocols: new(http.Protocols), TLSClientConfig: &tls.Config{RootCAs: pool},
	}
	way.Protocols.SetHTTP2(true)
	t.Cleanup(way.CloseIdleConnections)
	p.http.Transport, p.scheme = way, "https"
	if code, text, _ := p.call(exportTraces, frame(0, protobufOf(t, chats(3, noon)))); code != "0" {
		t.Fatalf("got %q %q", code, text)
	}
	if n := h.rows(event.AIRequest); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}

// TestConnectionsOverTheLimitAreClosed counts connections the way that the server reports them.
func TestConnectionsOverTheLimitAreClosed(t *testing.T) {
	state := crowd(2)
	open := func() (client, server net.Conn) {
		client, server = net.Pipe()
		t.Cleanup(func() { _ = client.Close() })
		state(server, http.StateNew)
		return client, server
	}
	closed := func(c net.Conn) bool {
		_ = c.SetReadDeadline(time.Now()) // an open one has nothing to say
		_, err := c.Read(make([]byte, 1))
		timeout, ok := err.(net.Error)
		return !ok || !timeout.Timeout()
	}
	first, firstServer := open()
	second, _ := open()
	third, thirdServer := open()
	if closed(first) || closed(second) || !closed(third) {
		t.Error("the third connection, and it alone, should be closed")
	}
	state(thirdServer, http.StateClosed)
	state(firstServer, http.StateClosed)
	if fourth, _ := open(); closed(fourth) {
		t.Error("there was room again")
	}
}

// TestConnectionsThatEndMakeRoom opens and closes more connections than there may be at once.
func TestConnectionsThatEndMakeRoom(t *testing.T) {
	h := newHouse(t)
	p := dial(h, web.DefaultConfig())
	for range maxGRPCConns + 50 {
		code, _, _ := p.call(exportLogs, frame(0, nil))
		if code != "0" {
			t.Fatalf("got %q", code)
		}
		p.http.CloseIdleConnections()
	}
}
