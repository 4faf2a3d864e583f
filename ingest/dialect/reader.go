package dialect

import (
	"mime"
	"strings"

	"analytics/ingest/wire"
)

// Facts is what an answer says.
type Facts struct {
	Model        string // that answered
	ID           string
	Usage        wire.Usage
	UsageSource  string // Provider, Partial or None
	Cost         Cost   // the provider's own figure; few have one
	FinishReason string // in the provider's words
	ToolCalls    int64  // tools the model asked the caller to run
	Tier         string // that served the request
	ErrorType    string // the most specific name the provider gives
	ErrorMessage string // to be scrubbed before it is kept
	// Terminated says that the answer came to its end as the API defines it, provided that the
	// connection ended well too. A stream that ends without is a failure, however many tokens came.
	Terminated bool
	// Final says that nothing can follow, however the connection ended: the mark of the end came, or
	// the last brace. A chat without its mark, and sound, are terminated but never final.
	Final bool
}

// Where Facts.Usage comes from, by the names of the field usage_source.
const (
	Provider = "provider" // the provider's last word
	Partial  = "partial"  // the answer was cut, and more tokens may have been made than are known
	None     = "none"
)

// maxHeld is how much of an event is held back until it is known whether to hide it. What is
// hidden has some 400 bytes.
const maxHeld = 64 << 10

// Reader reads one answer as it arrives. It is not safe for concurrent use.
type Reader struct {
	request Request
	status  int
	body    body
	hide    bool

	events events
	scan   scanner
	tally  tally
	answer answer

	held []byte // of the event being read, while it may have to be hidden
	out  []byte // what Pass returns
}

// body is how an answer is written.
type body uint8

const (
	bodySniff  body = iota // not known until the first byte
	bodyJSON               // one text, or one after the other
	bodyEvents             // server-sent events
	bodyOpaque             // sound, images, pages of proxies
)

// Reader is a reader of the answer to q.
func (d *Dialect) Reader(q Request, status int, contentType string) *Reader {
	r := &Reader{request: q, status: status, body: bodyOf(contentType)}
	r.scan.take = r.value
	switch q.shape {
	case shapeAnthropic:
		r.scan.root = anthropicRoot
	case shapeGemini:
		r.scan.root = geminiRoot
	case shapeOllama:
		r.scan.root = ollamaRoot
	default:
		r.scan.root = openAIRoot
	}
	r.scan.reset()
	return r
}

func bodyOf(contentType string) body {
	media, _, _ := mime.ParseMediaType(contentType)
	class, sub, _ := strings.Cut(media, "/")
	switch {
	case media == "text/event-stream":
		return bodyEvents
	case sub == "json" || strings.HasSuffix(sub, "+json") || strings.HasSuffix(sub, "ndjson"):
		return bodyJSON
	case media == "" || media == "text/plain":
		return bodySniff
	case class == "text" || class == "audio" || class == "image" || class == "video":
		return bodyOpaque
	case media == "application/octet-stream":
		return bodyOpaque
	}
	return bodySniff
}

// HideUsage makes Pass hold back the event that has nothing but usage, which OpenAI adds to a stream
// when asked: the caller did not ask.
func (r *Reader) HideUsage() { r.hide = true }

// Write reads a piece of the answer; it never fails.
func (r *Reader) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		read, _ := r.step(p)
		p = p[read:]
	}
	return n, nil
}

// Pass reads a piece of the answer and returns what the caller may have now: the piece itself, or
// if usage is hidden, all up to an event that may be the hidden one. It is valid until the next call.
func (r *Reader) Pass(p []byte) []byte {
	if !r.hide || r.body == bodyJSON || r.body == bodyOpaque {
		_, _ = r.Write(p)
		return p
	}
	r.out = r.out[:0]
	for len(p) > 0 {
		n, ended := r.step(p)
		r.held = append(r.held, p[:n]...)
		p = p[n:]
		switch {
		case ended && r.answer.last.onlyUsage():
			r.held = r.held[:0]
		case ended || r.body != bodyEvents || r.answer.now.content || len(r.held) > maxHeld:
			r.out = append(r.out, r.held...)
			r.held = r.held[:0]
		}
	}
	return r.out
}

// Rest is what was held back when the answer ended inside an event.
func (r *Reader) Rest() []byte {
	if r.hide && r.answer.now.onlyUsage() && r.scan.closed {
		return nil
	}
	return r.held
}

// step reads to the end of an event, or of p.
func (r *Reader) step(p []byte) (n int, ended bool) {
	switch r.body {
	case bodySniff:
		return r.sniff(p), false
	case bodyJSON:
		r.scan.write(p)
	case bodyEvents:
		n, ended = r.events.next(p, r.scan.write)
		if ended {
			r.endEvent()
		}
		return n, ended
	}
	return len(p), false
}

// sniff decides by the first byte: some servers and proxies forget the type.
func (r *Reader) sniff(p []byte) int {
	for i, c := range p {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '{', '[':
			r.body = bodyJSON
		case 'd', 'e', 'i', ':': // data, event, id, a comment
			r.body = bodyEvents
		default:
			r.body = bodyOpaque
		}
		return i
	}
	return len(p)
}

// endEvent ends an event, and with it a JSON text.
func (r *Reader) endEvent() {
	r.scan.finish()
	if r.events.isDone() {
		r.answer.done = true
	}
	r.events.clear()
	r.answer.endText()
	r.scan.reset()
}
