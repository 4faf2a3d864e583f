package events

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/enrich"
)

// Routes hangs the door into the house.
func (in *Intake) Routes(mux *web.Mux) {
	mux.Handle("POST /v1/events", auth.Any(auth.Ingest, auth.Public), in.post)
}

// post takes in a body of events.
func (in *Intake) post(w http.ResponseWriter, r *http.Request) error {
	b, err := bodyOf(r)
	if err != nil {
		return err
	}
	reader, err := web.Body(w, r)
	if err != nil {
		return err
	}
	k := in.workers.Get().(*worker)
	defer in.release(k)
	if k.body, err = readAll(k.body[:0], reader, r.ContentLength); err != nil {
		return err
	}
	b.Text = k.body
	answer, err := in.take(r.Context(), k, b)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if b.Strict && answer.Rejected > 0 {
		status = http.StatusBadRequest
	}
	return web.JSON(w, status, answer)
}

// bodyOf reads what the request says about its body.
func bodyOf(r *http.Request) (*Body, error) {
	who := web.Identity(r.Context())
	q := r.URL.Query()
	b := &Body{
		Tenant: who.Tenant, Lines: isLines(r.Header.Get("Content-Type")),
		Backfill: who.May(auth.Backfill), Public: !who.May(auth.Ingest),
	}
	switch strict := q.Get("strict"); strict {
	case "1", "true":
		b.Strict = true
	case "", "0", "false":
	default: // whoever asked for all or nothing must not get a part
		return nil, fault.At(fault.Invalid, "invalid_parameter", "strict",
			"strict must be 1 or 0, not %q", web.Clean(strict))
	}
	if b.Public {
		b.Address, b.Agent, b.Hints = web.ClientIP(r.Context()), r.UserAgent(), enrich.HintsOf(r.Header)
	}
	if at := q.Get("line_ids"); at != "" {
		offset, err := strconv.ParseInt(at, 10, 64)
		if err != nil || offset < 0 {
			return nil, fault.At(fault.Invalid, "invalid_parameter", "line_ids",
				"line_ids must be the offset of the body in its file, such as 0")
		}
		b.LineIDs, b.Offset = true, offset
	}
	return b, nil
}

// isLines reports a content type for one JSON value a line.
func isLines(contentType string) bool {
	if contentType == "application/json" || contentType == "" {
		return false
	}
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch kind {
	case "application/x-ndjson", "application/ndjson", "application/jsonl",
		"application/x-jsonlines", "application/jsonlines", "application/json-lines":
		return true
	}
	return false
}

// readAll appends all of r to dst. The length the client announced saves growing, where it did not
// compress; it is only a hint.
func readAll(dst []byte, r io.Reader, announced int64) ([]byte, error) {
	if announced > 0 && announced <= web.MaxWire && int64(cap(dst)) <= announced {
		dst = make([]byte, 0, announced+bytes.MinRead)
	}
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if err == io.EOF {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}
