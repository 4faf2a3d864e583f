package query

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/engine/web"
)

// settled is how old the end of a range must be before its answer is taken to stay: a session that
// began inside may go on behind it, and is counted with all that it became.
const settled = 24 * time.Hour

// tag is the ETag of an answer about a past that is over: what was asked, by whom, and what there is
// of that past. Empty where the answer may be another one each moment. It is made without answering:
// of the catalog's version, which changes whenever events are sealed, changed or gone, and of the
// events of the range that are not sealed yet, so that what comes in today leaves it as it is.
func (d *Desk) tag(r *http.Request, v *Verb, values url.Values, format string) (string, error) {
	if v.Table != nil || v.Trail {
		return "", nil // made of more than events of a range
	}
	for _, panel := range v.Panels {
		if panel.Table != nil {
			return "", nil
		}
	}
	p, err := d.read(v, values)
	if err != nil {
		return "", err
	}
	q, err := p.question(Question{}, v.Since)
	if err != nil {
		return "", err
	}
	if d.now().Sub(q.To) < settled {
		return "", nil
	}
	who := web.Identity(r.Context())
	_, epoch := d.store.Version()
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%s\x00%x\x00%s\x00%s\x00%s\x00%s\x00%d\x00%d\x00%d\x00%s", d.born, who.Tenant,
		who.Bound, r.URL.Path, format, values.Encode(), epoch, event.MicrosOf(q.From), event.MicrosOf(q.To), d.zone)
	from := q.From
	switch q.Compare {
	case "year":
		from = from.AddDate(-1, 0, -1)
	default:
		from = from.Add(-q.To.Sub(q.From) - settled)
	}
	for _, kind := range event.Kinds() {
		snap := d.store.Snapshot(store.Range{Tenant: who.Tenant, Kind: kind,
			From: event.MicrosOf(from), To: event.MicrosOf(q.To.Add(settled))})
		for _, c := range snap.HeadChunks() {
			var b [24]byte
			binary.BigEndian.PutUint64(b[:], uint64(c.Rows))
			binary.BigEndian.PutUint64(b[8:], uint64(c.Min))
			binary.BigEndian.PutUint64(b[16:], uint64(c.Max))
			_, _ = h.Write(b[:])
		}
		snap.Release()
		_, _ = h.Write([]byte{byte(kind)})
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16]) + `"`, nil
}

// unchanged sets the headers by which an answer may be kept and asked for again, and says whether the
// client has it already. Whoever keeps it must ask before each use: keys are revoked, and late events
// change what was.
func unchanged(w http.ResponseWriter, r *http.Request, tag string) bool {
	h := w.Header()
	h.Set("Vary", "Authorization, X-Analytics-Key, Cookie, Accept")
	if tag == "" {
		return false
	}
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Etag", tag)
	for part := range strings.SplitSeq(r.Header.Get("If-None-Match"), ",") {
		part = strings.TrimSpace(part)
		if part == "*" || strings.TrimPrefix(part, "W/") == strings.TrimPrefix(tag, "W/") {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
	}
	return false
}
