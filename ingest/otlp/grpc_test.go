package otlp

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/web"
)

// phone is a client of gRPC for one house.
type phone struct {
	h    *house
	http http.Client
	// scheme is http, or https with TLS.
	scheme string
	stop   func() // what the server is told when the program ends
}

// dial serves gRPC on a port until the test ends.
func dial(h *house, main web.Config) *phone {
	h.t.Helper()
	if err := h.door.Listen(Config{GRPCListen: "127.0.0.1:0"}, main); err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { h.door.Run(ctx); close(ended) }()
	p := &phone{h: h, scheme: "http", stop: func() { cancel(); <-ended }}
	h.t.Cleanup(p.stop)
	way := &http.Transport{Protocols: new(http.Protocols)}
	way.Protocols.SetUnencryptedHTTP2(true)
	p.http.Transport = way
	h.t.Cleanup(way.CloseIdleConnections)
	return p
}

// frame is a message as gRPC sends it.
func frame(flag byte, message []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{flag}, uint32(len(message))), message...)
}

// call calls a method and returns the status with its text, and the message.
func (p *phone) call(method string, body []byte, headers ...string) (code, text string, message []byte) {
	p.h.t.Helper()
	r, err := http.NewRequest("POST", p.scheme+"://"+p.h.door.Addr()+method, bytes.NewReader(body))
	if err != nil {
		p.h.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("Te", "trailers")
	r.Header.Set("Authorization", "Bearer "+p.h.key)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := p.http.Do(r)
	if err != nil {
		p.h.t.Fatal(err)
	}
	defer res.Body.Close()
	message, err = io.ReadAll(res.Body)
	if err != nil {
		p.h.t.Fatal(err)
	}
	if code = res.Trailer.Get("Grpc-Status"); code != "" {
		return code, "", message
	}
	return res.Header.Get("Grpc-Status"), res.Header.Get("Grpc-Message"), message
}

const (
	exportTraces  = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
	exportLogs    = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
	exportMetrics = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
)

func TestCallsOfGRPCAreStored(t *testing.T) {
	h := newHouse(t)
	p := dial(h, web.DefaultConfig())
	spans := protobufOf(t, chats(10, noon))
	f := func(method string, body []byte, headers ...string) {
		t.Helper()
		code, text, message := p.call(method, body, headers...)
		if code != "0" || !bytes.Equal(message, frame(0, nil)) {
			t.Errorf("%s %v: got %q %q %q", method, headers, code, text, message)
		}
	}
	f(exportTraces, frame(0, spans))
	f(exportTraces, frame(1, gzipOf(t, spans)), "Grpc-Encoding", "gzip")
	f(exportTraces, frame(0, spans), "Authorization", "", "X-Analytics-Key", h.key)
	f(exportTraces, frame(0, spans), "Authorization", "", "X-Api-Key", h.key)
	if n := h.rows(event.AIRequest); n != 10 {
		t.Errorf("%d rows, want 10", n)
	}
	f(exportLogs, frame(0, protobufOf(t, calls(noon))))
	f(exportMetrics, frame(0, protobufOf(t, gauge(3, noon))))
	if a, m := h.rows(event.AIRequest), h.rows(event.Metric); a != 11 || m != 3 {
		t.Errorf("%d calls and %d metrics, want 11 and 3", a, m)
	}
	_, _, message := p.call(exportTraces, frame(0, protobufOf(t, half())))
	if number, text := protobufFields(t, nested(t, message[5:])); number != 2 || text == "" {
		t.Errorf("half a batch: got %d %q", number, text)
	}
}

func TestRefusalsOfGRPCAreItsStatuses(t *testing.T) {
	h := newHouse(t)
	p := dial(h, web.DefaultConfig())
	good := protobufOf(t, chats(1, noon))
	f := func(code, part string, method string, body []byte, headers ...string) {
		t.Helper()
		got, text, _ := p.call(method, body, headers...)
		if got != code || !strings.Contains(text, part) {
			t.Errorf("got %q %q, want %q …%s…", got, text, code, part)
		}
	}
	f("16", "", exportTraces, frame(0, good), "Authorization", "")
	f("16", "", exportTraces, frame(0, good), "Authorization", "Bearer ak_ing_wrong")
	f("7", "ingest", exportTraces, frame(0, good), "Authorization", "Bearer "+h.secret(auth.Query))
	f("3", "protobuf", exportTraces, frame(0, []byte("\x0a\xff")))
	f("3", "holds traces", exportLogs, frame(0, good))
	f("3", "before its message", exportTraces, []byte{0, 0})
	f("3", "", exportTraces, frame(0, good)[:20])
	f("3", "", exportTraces, append(frame(0, good), frame(0, good)...))
	f("3", "does not begin", exportTraces, frame(7, good))
	f("12", "encoding", exportTraces, frame(1, good))
	f("12", "encoding", exportTraces, frame(1, good), "Grpc-Encoding", "snappy")
	f("8", "over the limit", exportTraces, frame(0, make([]byte, web.MaxWire+1)))
	bomb := gzipOf(t, make([]byte, web.MaxInflated+1))
	f("8", "over the limit", exportTraces, frame(1, bomb), "Grpc-Encoding", "gzip")
	f("12", "OTLP only", "/v1/events", frame(0, good))
	f("12", "OTLP only", "/", frame(0, good))
	if n := h.rows(event.AIRequest); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
	if err := h.store.Close(); err != nil {
		t.Fatal(err)
	}
	f("14", "", exportTraces, frame(0, good))
}

func TestGRPCNeedsItsProtocol(t *testing.T) {
	h := newHouse(t)
	w := h.post(exportTraces, frame(0, nil), "Content-Type", "application/grpc")
	if w.Code != 415 || !strings.Contains(w.Body.String(), "HTTP/2") {
		t.Errorf("over HTTP/1.1: got %d %s", w.Code, w.Body)
	}
}

func TestAPortThatCannotBeServedIsAnErrorAtTheStart(t *testing.T) {
	h := newHouse(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	f := func(address string, main web.Config, part string) {
		t.Helper()
		if err := h.door.Listen(Config{GRPCListen: address}, main); err == nil ||
			!strings.Contains(err.Error(), part) {
			t.Errorf("%s: got %v, want …%s…", address, err, part)
		}
	}
	private := web.DefaultConfig()
	f(taken.Addr().String(), private, "in use")
	f("4317", private, "host:port")
	f("0.0.0.0:4317", private, "in the clear")
	f(":4317", private, "in the clear")
	f("127.0.0.1:0", web.Config{TLS: web.TLS{Cert: "no.pem", Key: "no.pem"}}, "no such file")
	if h.door.Addr() != "" {
		t.Error("it listens all the same")
	}
	if err := h.door.Listen(Config{}, private); err != nil || h.door.Addr() != "" {
		t.Errorf("without an address: got %v %q", err, h.door.Addr())
	}
}

func TestCallsUnderWayEndBeforeTheServerDoes(t *testing.T) {
	h := newHouse(t)
	p := dial(h, web.DefaultConfig())
	body, write := io.Pipe()
	r, err := http.NewRequest("POST", "http://"+h.door.Addr()+exportTraces, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/grpc")
	r.Header.Set("Authorization", "Bearer "+h.key)
	answer := make(chan string, 1)
	go func() {
		res, err := p.http.Do(r)
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body)
		answer <- res.Trailer.Get("Grpc-Status")
	}()
	message := frame(0, protobufOf(t, chats(1, noon)))
	if _, err := write.Write(message[:len(message)-1]); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := p.call(exportLogs, frame(0, nil)); code != "0" { // the first call is there by now
		t.Errorf("got %q", code)
	}
	stopped := make(chan struct{})
	go func() { p.stop(); close(stopped) }()
	if _, err := write.Write(message[len(message)-1:]); err != nil {
		t.Error(err)
	}
	_ = write.Close()
	if got := <-answer; got != "0" {
		t.Errorf("got %q, want 0", got)
	}
	<-stopped
	if n := h.rows(event.AIRequest); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

// readFrame is the message of a call as it was sent.
func readFrame(body []byte, encoding string) ([]byte, error) {
	r := httptest.NewRequest("POST", exportTraces, bytes.NewReader(body))
	r.Header.Set("Grpc-Encoding", encoding)
	if err := unframe(r); err != nil {
		return nil, err
	}
	return io.ReadAll(r.Body)
}
