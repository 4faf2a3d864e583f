package accesslog

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/ingest/wire"
)

// Options say how logs are read.
type Options struct {
	Format *Format
	Site   string         // of lines that name no host
	Zone   *time.Location // of times that name none
	Now    func() time.Time
}

// Reader makes events of lines. It is for one goroutine.
type Reader struct {
	Options
	format   *Format // of the file that is read
	file     string
	line     int
	latest   int64 // a time beyond it is to come
	since    int64 // the earliest time since the last Forget
	hit      hit
	visit    visit
	digest   hash.Hash
	evidence *evidence
	lines    wire.Lines
	url      []byte
	words    []string
	summary  Summary
}

// ahead is how far clocks of servers may go wrong.
const ahead = 10 * time.Minute

// back is how far the times of a log may go back, as some servers note when a request began. Where it
// is more, logs were put together: what follows is another time, in which nothing is known yet.
const back = 10 * time.Minute

// NewReader makes a reader.
func NewReader(o Options) *Reader {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &Reader{Options: o, digest: sha256.New(), evidence: newEvidence(), summary: newSummary()}
}

// Begin begins a file. What the one before it said of its columns is over.
func (r *Reader) Begin(name string) {
	r.format, r.file, r.line = r.Format.fresh(), name, 0
	r.evidence.latest = 0 // files may come in any order
	r.latest = r.Now().Add(ahead).UnixMicro()
	r.summary.Files++
}

// End ends a file: views that are held leave it. They were not given the time to be accused.
func (r *Reader) End() { r.release(true) }

// Idle says that a log that grows has not grown for a while. Views that have waited long enough leave.
// Where lines come promptly, what would belong to them had come too; where the server writes its log
// in lumps, nothing is known of them.
func (r *Reader) Idle(now time.Time, prompt bool) {
	r.latest = now.Add(ahead).UnixMicro()
	for {
		h, settled := r.evidence.due(now.UnixMicro())
		if h == nil {
			return
		}
		r.write(h, settled || prompt)
		r.evidence.give(h)
	}
}

// Since is the earliest time of the requests since the last Forget; ok is false if there were none.
func (r *Reader) Since() (at time.Time, ok bool) { return time.UnixMicro(r.since), r.since != 0 }

// Events are the events so far; Forget makes room for more.
func (r *Reader) Events() *wire.Lines { return &r.lines }

// Forget forgets the events so far.
func (r *Reader) Forget() {
	r.lines.Reset()
	r.since = 0
}

// Oldest is where the first line begins whose event is still held.
func (r *Reader) Oldest() (offset int64, ok bool) { return r.evidence.oldest() }

// Headed reports whether what a line says depends on lines before it.
func (r *Reader) Headed() bool { return r.Format.lines == extended }

// Header takes in a line of which only what it says of the lines behind it is wanted: reading goes on
// in the middle of a file.
func (r *Reader) Header(line []byte) {
	if line = bytes.TrimSpace(line); len(line) > 0 && line[0] == '#' && r.format.lines == extended {
		r.format.directive(line)
	}
}

// Line takes in a line and where in the unpacked file it begins.
func (r *Reader) Line(line []byte, offset int64) {
	r.line++
	if r.line == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	line = bytes.TrimRight(line, "\r\n")
	if len(line) == 0 {
		return
	}
	r.summary.Lines++
	r.hit.reset()
	switch r.format.read(line, &r.hit) {
	case silent:
		r.summary.Notes++
		return
	case foreign:
		r.bad(r.format.strange())
		return
	}
	switch p := r.hit.interpret(&r.visit, r.format, r.Zone, r.latest); p {
	case "":
	case malformed:
		r.summary.Malformed++
		return
	default:
		r.bad(string(p))
		return
	}
	r.take(line, offset)
	r.release(false)
}

// TooLong counts a line that was not read.
func (r *Reader) TooLong() {
	r.line++
	r.summary.Lines++
	r.bad("is over 64 KiB")
}

func (r *Reader) bad(message string) {
	r.summary.Bad++
	if len(r.summary.Errors) < maxErrors {
		r.summary.Errors = append(r.summary.Errors, LineError{r.file, r.line, message})
	}
}

// take counts a request, and holds it back if it is a view.
func (r *Reader) take(line []byte, offset int64) {
	v, e := &r.visit, r.evidence
	if v.at < e.latest-back.Microseconds() {
		r.release(true)
		e.latest = v.at
	}
	e.latest = max(e.latest, v.at)
	r.summary.span(v.at)
	if r.since == 0 || v.at < r.since {
		r.since = v.at
	}
	kind := v.classify()
	if kind != view && kind != asset {
		r.summary.leave(kind)
		return
	}
	name := v.host
	if len(name) == 0 {
		name = raw(r.Site)
	}
	place := e.site(name)
	visitor := e.visitor(v.address, r.hit.text[agent])
	if kind == asset {
		r.summary.Assets++
		place.parts++
		if v.protocol == '2' || v.protocol == '3' {
			place.fast++
		}
		e.part(visitor)
		return
	}
	r.summary.Views++
	place.pages++
	if r.hit.text[agent] != nil {
		place.named++
	}
	if v.http10 {
		place.old++
	}
	h := e.take()
	h.at, h.offset, h.visitor, h.site, h.status = v.at, offset, visitor, place, v.status
	person := browses(r.hit.text[agent])
	h.plain = person && v.status == 200 && string(v.method) == "GET"
	h.nameless = r.hit.text[agent] == nil && (r.hit.nameless || r.hit.headers)
	h.http10 = person && v.http10 && !v.proxied && !inner(v.address)
	h.http1 = person && !v.http10 && v.protocol == '1' && !inner(v.address)
	h.id, h.address = r.idOf(line, offset), v.address
	h.add(heldURL, r.address(name))
	h.add(heldMethod, v.method)
	h.add(heldAgent, r.hit.text[agent])
	h.add(heldReferrer, r.hit.text[referrer])
	h.add(heldLanguage, firstLanguage(r.hit.text[language]))
	h.add(heldHints, r.hit.clientHints())
	h.signals = r.hit.oddities(h.signals)
	e.hold(h)
}

// address is the whole address of a page. Whether it was fetched by TLS few logs say.
func (r *Reader) address(name []byte) []byte {
	r.url = r.url[:0]
	if len(name) > 0 {
		r.url = append(append(r.url, "//"...), name...)
		return append(r.url, r.visit.target...)
	}
	// Two slashes at the beginning of a path would make a host of what follows.
	return append(append(r.url, '/'), bytes.TrimLeft(r.visit.target, "/")...)
}

// firstLanguage is what Accept-Language wants most.
func firstLanguage(v []byte) []byte {
	if n := bytes.IndexAny(v, ",;"); n >= 0 {
		v = v[:n]
	}
	if string(v) == "*" {
		return nil
	}
	return v
}

// idOf is a UUIDv8 of a line's text, its place in the file, and the site it is taken for.
func (r *Reader) idOf(line []byte, offset int64) (id [16]byte) {
	var place [8]byte
	binary.BigEndian.PutUint64(place[:], uint64(offset))
	r.digest.Reset()
	_, _ = r.digest.Write(line)
	_, _ = r.digest.Write(place[:])
	_, _ = r.digest.Write(raw(r.Site))
	var sum [sha256.Size]byte
	copy(id[:], r.digest.Sum(sum[:0]))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// appendID appends an id as text.
func appendID(b []byte, id [16]byte) []byte {
	for i, from := range [...]int{0, 4, 6, 8, 10} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, id[from:[...]int{4, 6, 8, 10, 16}[i]])
	}
	return b
}

// release writes the views of which enough is known.
func (r *Reader) release(all bool) {
	for {
		h, settled := r.evidence.next(all)
		if h == nil {
			return
		}
		r.write(h, settled)
		r.evidence.give(h)
	}
}

func (r *Reader) write(h *held, settled bool) {
	l := &r.lines
	l.Begin(event.PageView)
	l.Time(event.Timestamp, time.UnixMicro(h.at))
	var id [36]byte
	l.Text(event.EventID, str(appendID(id[:0], h.id)))
	l.Text(event.PageURL, h.get(heldURL))
	l.Text(event.PageMethod, h.get(heldMethod))
	l.Int(event.PageStatusCode, int64(h.status))
	l.Text(event.PageUserAgent, h.get(heldAgent))
	l.Text(event.PageReferrer, h.get(heldReferrer))
	l.Text(event.PageLanguage, h.get(heldLanguage))
	l.Text(event.PageClientHints, h.get(heldHints))
	if h.address.IsValid() {
		var b [48]byte
		l.Text(event.PageClientIP, str(h.address.AppendTo(b[:0])))
	}
	l.Text(event.PageVia, "log")
	r.words = r.evidence.words(h, settled)
	slices.Sort(r.words)
	l.Text(event.PageSignals, strings.Join(slices.Compact(r.words), ","))
	l.End()
}
