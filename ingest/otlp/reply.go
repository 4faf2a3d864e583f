package otlp

import (
	"encoding/binary"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"

	"analytics/engine/fault"
	"analytics/engine/web"
)

// encoding is how a request is written, and so its answer.
type encoding uint8

const (
	protobuf encoding = iota
	asJSON
)

func (e encoding) contentType() string {
	if e == asJSON {
		return "application/json"
	}
	return "application/x-protobuf"
}

// encodingOf reads the content type. Errors about one that is not known are told as JSON.
func encodingOf(h http.Header) (encoding, error) {
	name := h.Get("Content-Type")
	kind, _, _ := mime.ParseMediaType(name)
	switch kind {
	case "application/x-protobuf", "application/protobuf":
		return protobuf, nil
	case "application/json":
		return asJSON, nil
	}
	return asJSON, fault.At(fault.Unsupported, "unsupported_content_type", "Content-Type",
		"OTLP comes as application/x-protobuf or as application/json, not as %q", web.Clean(kind))
}

// outcome is what became of a request's records.
type outcome struct {
	records  string // what JSON calls the number of rejected ones
	rejected int
	message  string
}

// response is the Export…ServiceResponse of all three services, which number their fields alike:
// empty if all went well, or else its partial_success (1), with how many were rejected (1) and
// why (2).
func (o outcome) response(e encoding) []byte {
	if o.rejected == 0 {
		if e == asJSON {
			return []byte("{}")
		}
		return nil
	}
	if e == asJSON {
		text, _ := json.Marshal(map[string]any{"partialSuccess": map[string]string{
			o.records: strconv.Itoa(o.rejected), "errorMessage": o.message, // int64 is text in JSON
		}})
		return text
	}
	return appendText(nil, 1, string(appendText(appendInt(nil, 1, o.rejected), 2, o.message)))
}

// status is a google.rpc.Status: code (1) and message (2).
func status(e encoding, code int, message string) []byte {
	if e == asJSON {
		text, _ := json.Marshal(map[string]any{"code": code, "message": message})
		return text
	}
	return appendText(appendInt(nil, 1, code), 2, message)
}

// appendInt appends a field of protobuf that is a number.
func appendInt(b []byte, field, v int) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3)
	return binary.AppendUvarint(b, uint64(v))
}

// appendText appends a field of protobuf that is text, or another message.
func appendText(b []byte, field int, v string) []byte {
	b = binary.AppendUvarint(b, uint64(field)<<3|2)
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

// refusal is a fault as OTLP's clients understand it. The codes are gRPC's.
type refusal struct {
	status int // of HTTP
	code   int // of gRPC
	text   string
}

// refusalOf says what a client is told. What passes, such as overload and a full disk, is 503 and
// UNAVAILABLE, so that it sends the batch again.
func refusalOf(err error) refusal {
	f := fault.Of(err)
	r := refusal{status: fault.Status(f), text: f.Message}
	switch f.Kind {
	case fault.Invalid:
		r.code = 3 // INVALID_ARGUMENT
	case fault.Unauthorized:
		r.code = 16 // UNAUTHENTICATED
	case fault.Forbidden:
		r.code = 7 // PERMISSION_DENIED
	case fault.NotFound, fault.Unsupported:
		r.code = 12 // UNIMPLEMENTED
	case fault.TooLarge:
		r.code = 8 // RESOURCE_EXHAUSTED; without a RetryInfo it is not sent again
	case fault.Unavailable, fault.Limited, fault.Full:
		r.status, r.code = http.StatusServiceUnavailable, 14 // UNAVAILABLE
	default:
		r.code = 13 // INTERNAL
	}
	return r
}

// write answers over HTTP.
func (e encoding) write(w http.ResponseWriter, status int, body []byte) error {
	w.Header().Set("Content-Type", e.contentType())
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}
