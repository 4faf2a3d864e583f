package dialect

import (
	"bytes"
	"net/http"
	"strings"
)

// Batch is the operation of a request that hands in many at once, to be worked on later.
const Batch = "batch"

// batches is where Anthropic's batches of messages are.
const batches = "/messages/batches"

// batchOf is the id of the batch whose results a path asks for, empty if it asks for none.
func batchOf(method, path string) string {
	before, ok := strings.CutSuffix(path, "/results")
	at := strings.LastIndex(before, batches+"/")
	if !ok || at < 0 || method != http.MethodGet {
		return ""
	}
	if id := before[at+len(batches)+1:]; !strings.Contains(id, "/") && len(id) <= maxBatchID {
		return id
	}
	return ""
}

// maxBatchID is the longest id of a batch; Anthropic's have some 30 bytes.
const maxBatchID = 128

// Result is what became of one request of a batch.
type Result struct {
	Facts
	CustomID string // the caller's own name for the request
	// Ran says that a model worked for it or refused: what was canceled or expired is no call.
	Ran bool
}

const (
	bCustom slot = 200 + iota // behind all slots of an answer
	bType
)

// resultRoot is where a line of results has what an answer has.
var resultRoot = tree(append([]paths{
	errorPaths.under("result.error"),
	{
		"custom_id": bCustom, "result.type": bType, "result.message.model": aModel,
		"result.message.id": aID, "result.message.stop_reason": aReason,
		"result.message.content.*.type": aContent,
	},
}, usageUnder([]paths{anthropicUsage}, "result.message.usage")...)...)

// Results reads the results of a batch of messages as they arrive, a line of JSON for each request.
// It takes the memory of one line's facts, however long lines and results are. It is not safe for
// concurrent use.
type Results struct {
	each   func(Result)
	reader *Reader
	custom string
	class  string
	any    bool // there is something on this line
}

// NewResults calls each for every line.
func NewResults(each func(Result)) *Results {
	r := &Results{each: each}
	r.next()
	return r
}

// next gets ready for a line.
func (r *Results) next() {
	reader := &Reader{request: Request{Operation: Chat, shape: shapeAnthropic}, body: bodyJSON}
	reader.scan.root, reader.scan.take = resultRoot, r.value
	reader.scan.reset()
	r.reader, r.custom, r.class, r.any = reader, "", "", false
}

func (r *Results) value(s slot, k kind, v []byte) {
	switch s {
	case bCustom:
		take(&r.custom, k, v)
	case bType:
		take(&r.class, k, v)
	default:
		r.reader.value(s, k, v)
	}
}

// Write reads a piece; it never fails.
func (r *Results) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, []byte{'\n'})
		r.any = r.any || len(bytes.TrimSpace(line)) > 0
		_, _ = r.reader.Write(line)
		if p = rest; ended {
			r.end()
		}
	}
	return n, nil
}

// Close reads the last line, which may have no end.
func (r *Results) Close() { r.end() }

// end tells of the line that is over. One that was cut tells nothing: what it said may be wrong.
func (r *Results) end() {
	if r.any && r.reader.scan.closed {
		f := r.reader.Facts()
		if f.Tier == "" {
			f.Tier = Batch
		}
		r.each(Result{Facts: f, CustomID: r.custom, Ran: r.class == "succeeded" || r.class == "errored"})
	}
	r.next()
}
