package otlp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"analytics/engine/fault"
	"analytics/engine/web"
)

// grpcPrefix begins the path of every call.
const grpcPrefix = "/opentelemetry.proto.collector."

// method is the path of the signal's one call.
func (s *signal) method() string { return grpcPrefix + s.service + "/Export" }

// call answers a call of gRPC: a message in, a message out, the status behind it in the trailer.
// Besides its own port it comes by the main one where that speaks HTTP/2, which is with TLS.
func (d *Door) call(w http.ResponseWriter, r *http.Request, s *signal) error {
	if r.ProtoMajor < 2 || r.Method != http.MethodPost || r.URL.Path != s.method() ||
		!isGRPC(r.Header.Get("Content-Type")) {
		return fault.New(fault.Unsupported, "unsupported_content_type",
			"this path is for gRPC, which is a POST of application/grpc over HTTP/2; over HTTP send to /v1/%s",
			s.name)
	}
	h := w.Header()
	h.Set("Content-Type", "application/grpc")
	h.Set("Grpc-Accept-Encoding", "gzip, zstd")
	out, err := d.admitCall(w, r, s)
	if err != nil {
		no := d.refuse(r, err)
		h.Set("Grpc-Status", strconv.Itoa(no.code))
		h.Set("Grpc-Message", escape(no.text))
		w.WriteHeader(http.StatusOK)
		return nil
	}
	message := out.response(protobuf)
	frame := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message)))
	if _, err := w.Write(append(frame, message...)); err != nil {
		return err
	}
	h.Set(http.TrailerPrefix+"Grpc-Status", "0")
	return nil
}

// admitCall takes in the message of who has a key.
func (d *Door) admitCall(w http.ResponseWriter, r *http.Request, s *signal) (outcome, error) {
	if _, err := d.who(r); err != nil {
		return outcome{}, err
	}
	if err := unframe(r); err != nil {
		return outcome{}, err
	}
	return d.admit(w, r, s, protobuf)
}

// isGRPC reports a content type of gRPC with protobuf.
func isGRPC(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return kind == "application/grpc" || kind == "application/grpc+proto"
}

// unframe makes the request look like one over HTTP: what is left of the body is the one message,
// and its encoding is where HTTP has it, so that all limits are the same.
func unframe(r *http.Request) error {
	var frame [5]byte
	if _, err := io.ReadFull(r.Body, frame[:]); err != nil {
		return fault.New(fault.Invalid, "broken_frame", "the call ends before its message").Wrap(err)
	}
	size := int64(binary.BigEndian.Uint32(frame[1:]))
	if size > web.MaxWire {
		return fault.New(fault.TooLarge, "body_too_large",
			"the message is over the limit of %d bytes; send it in several calls", web.MaxWire)
	}
	r.Header.Del("Content-Encoding")
	switch name := strings.ToLower(r.Header.Get("Grpc-Encoding")); {
	case frame[0] == 0:
	case frame[0] != 1:
		return fault.New(fault.Invalid, "broken_frame", "the call does not begin with a message of gRPC")
	case name == "gzip" || name == "zstd":
		r.Header.Set("Content-Encoding", name)
	default:
		return fault.At(fault.Unsupported, "unsupported_encoding", "grpc-encoding",
			"the message's encoding %q is not supported; send it plain, or as gzip or zstd",
			web.Clean(name))
	}
	r.Body = &framed{ReadCloser: r.Body, left: size}
	return nil
}

// framed is the body of a call behind the five bytes: as long as they said, and the only one.
type framed struct {
	io.ReadCloser
	left int64
}

var errTwoMessages = errors.New("the call has more than one message")

func (m *framed) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if m.left > 0 {
		n, err := m.ReadCloser.Read(p[:min(int64(len(p)), m.left)])
		m.left -= int64(n)
		if errors.Is(err, io.EOF) && m.left > 0 {
			err = io.ErrUnexpectedEOF
		}
		return n, err
	}
	// Reading to the end of the call keeps HTTP/2 from cutting it off behind the answer.
	var next [1]byte
	n, err := io.ReadFull(m.ReadCloser, next[:])
	if n > 0 {
		return 0, errTwoMessages
	}
	return 0, err
}

// escape writes a message the way that a header can hold: all but printable ASCII as %XX.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
