package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"analytics/engine/fault"
)

// Handler answers a request, or returns why it could not. An error becomes the JSON of an error
// with the status of its fault; it must not be written by the handler itself.
type Handler = func(w http.ResponseWriter, r *http.Request) error

// JSON answers with v. It is encoded before anything is sent, so that an error can still be told.
func JSON(w http.ResponseWriter, status int, v any) error {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(v); err != nil { // with < > & escaped
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, err := w.Write(body.Bytes())
	return err
}

// errorBody is an error as clients get it.
type errorBody struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Field   string `json:"field,omitempty"`
	} `json:"error"`
}

// writeError tells the client what went wrong, without the causes that are for the log.
func writeError(w http.ResponseWriter, status int, err error) {
	f := fault.Of(err)
	var body errorBody
	body.Error.Code, body.Error.Message, body.Error.Field = f.Code, f.Message, f.Field
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "Content-Disposition", "Etag", "Last-Modified"} {
		h.Del(name) // they were meant for the answer that did not come
	}
	switch f.Kind {
	case fault.Unavailable, fault.Limited:
		if h.Get("Retry-After") == "" {
			h.Set("Retry-After", "1")
		}
	case fault.Unauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="analytics"`)
	}
	_ = JSON(w, status, &body) // nobody is left to be told
}

// Read decodes the JSON body of a control route into v. Unknown fields and a second value are
// errors.
func Read(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := BodyUpTo(w, r, maxControl, maxControl)
	if err != nil {
		return err
	}
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return badJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "bad_json", "the body has more than one JSON value")
	}
	return nil
}

func badJSON(err error) error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f // from the body: too large, too slow
	}
	if errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "missing_body", "a JSON body is needed")
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fault.At(fault.Invalid, "bad_json", t.Field, "%s must be a %s, not a %s",
			t.Field, t.Type, t.Value)
	}
	return fault.New(fault.Invalid, "bad_json", "the body is not the JSON that is expected here: %v", err)
}
