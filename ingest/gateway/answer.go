package gateway

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"analytics/ingest/dialect"
)

// answer is an upstream's answer on its way back.
type answer struct {
	*call
	res       *http.Response
	reader    *dialect.Reader // nil for what is no AI request
	results   *results        // of a batch
	along     io.Writer       // what reads along: one of the two, or a tap; nil for nobody
	tap       *tap            // for an answer that is compressed
	piecewise bool            // each piece is sent on at once
	gone      bool            // nobody takes the answer any more
	idle      *time.Timer
}

// idHeader tells the caller the id of the call's row.
const idHeader = "X-Analytics-Request-Id"

// pieces are buffers for answers under way.
var pieces = sync.Pool{New: func() any { return new([pieceBytes]byte) }}

// relay passes the answer on.
func (c *call) relay(res *http.Response) error {
	a := &answer{call: c, res: res, piecewise: res.ContentLength < 0}
	h := c.w.Header()
	answered(h, res.Header)
	if c.asked.Billed {
		h.Set(idHeader, c.rec.id)
		a.read()
	} else if a.results = c.readResults(res.StatusCode); a.results != nil {
		a.follow(a.results, maxResults)
	}
	c.w.WriteHeader(res.StatusCode)
	if a.piecewise && isEvents(res.Header) {
		flush(a.w) // a stream's headers do not wait for its first event
	}
	// A piece that does not come is an upstream that hangs; a slow caller is engine/web's affair.
	a.idle = time.AfterFunc(c.state.cfg.IdleTimeout, func() { c.cancel(errIdle) })
	return a.pass(false)
}

// read prepares reading along.
func (a *answer) read() {
	a.reader = a.up.dialect.Reader(a.asked, a.res.StatusCode, a.res.Header.Get("Content-Type"))
	if a.follow(a.reader, maxDecoded); a.tap != nil {
		a.hide = false
	}
	if a.hide = a.hide && isEvents(a.res.Header); a.hide {
		a.reader.HideUsage()
		a.w.Header().Del("Content-Length")
		a.piecewise = true
	}
}

// follow lets a reader read along, behind a tap if the answer is compressed, of which at most limit
// bytes are unpacked.
func (a *answer) follow(reader io.Writer, limit int64) {
	a.along = reader
	if coding := a.res.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		a.tap = newTap(coding, reader, limit)
		a.along = a.tap
	}
}

func isEvents(h http.Header) bool {
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return media == "text/event-stream"
}

// pass copies the answer to its end. A caller who leaves takes its connection along: what is left to
// read is read by a goroutine of the gateway's own.
func (a *answer) pass(alone bool) error {
	buf := pieces.Get().(*[pieceBytes]byte)
	defer pieces.Put(buf)
	for {
		before := a.g.now()
		n, err := a.res.Body.Read(buf[:])
		at := a.g.now()
		a.waited += at.Sub(before)
		if n > 0 {
			if !a.rec.firstKnown {
				a.rec.first, a.rec.firstKnown = at.Sub(a.start), true
			}
			a.rec.responseBytes += int64(n)
			a.idle.Reset(a.state.cfg.IdleTimeout)
			a.forward(buf[:n])
		}
		switch {
		case err != nil:
			return a.end(err)
		case a.gone && a.spare && !alone:
			a.g.calls.enter()
			go func() {
				defer a.g.calls.leave()
				_ = a.pass(true)
			}()
			return errGone
		}
	}
}

// forward sends a piece on and reads it. Where nothing is hidden the caller has it first.
func (a *answer) forward(piece []byte) {
	if a.hide {
		a.send(a.reader.Pass(piece))
		return
	}
	a.send(piece)
	if a.along != nil {
		_, _ = a.along.Write(piece)
	}
}

// send gives the caller a piece, unless it has left.
func (a *answer) send(piece []byte) {
	if len(piece) == 0 || a.gone {
		return
	}
	if a.left() {
		a.gone = true
		return
	}
	before := a.g.now()
	if _, err := a.w.Write(piece); err != nil {
		a.abandon()
		a.gone = true
		return
	}
	if a.piecewise {
		flush(a.w)
	}
	a.wrote += a.g.now().Sub(before)
}

// end closes the answer and records the call. The error is what cuts the caller's connection, so that
// it does not take a part for the whole.
func (a *answer) end(err error) error {
	a.idle.Stop()
	_ = a.res.Body.Close()
	if a.hide {
		a.send(a.reader.Rest())
	}
	if err == io.EOF && !a.gone && !a.piecewise {
		before := a.g.now()
		flush(a.w) // the caller has its answer before we do our books
		a.wrote += a.g.now().Sub(before)
	}
	facts, whole := a.facts(err)
	if !whole && err != io.EOF && a.left() {
		a.gone = true // a read that was cancelled; who leaves after the last word has had it all
	}
	status, kind, message := a.res.StatusCode, facts.ErrorType, facts.ErrorMessage
	switch {
	case a.gone:
		status, kind, message = statusGone, clientAbort, ""
	case whole:
	case errors.Is(context.Cause(a.ctx), errIdle):
		kind, message = upstreamTimeout, errIdle.Error()
	case kind == "":
		kind, message = upstreamTruncated, "the answer ended before its end"
	}
	a.note(facts)
	a.finish(status, kind, message)
	if a.gone || err != io.EOF {
		return errors.Join(errCut, err)
	}
	return nil
}

// facts is what the answer said, and whether it came to its end.
func (a *answer) facts(err error) (f dialect.Facts, whole bool) {
	if a.results != nil {
		a.tap.close()
		a.results.Close()
	}
	if a.reader == nil {
		return f, err == io.EOF
	}
	a.rec.total = a.g.now().Sub(a.start)
	a.tap.close()
	f = a.reader.Facts()
	whole = f.Final || err == io.EOF && (f.Terminated || failed(a.res.StatusCode))
	if !whole && f.UsageSource == dialect.Provider {
		f.UsageSource = dialect.Partial
	}
	return f, whole
}

// note puts down what the answer said.
func (a *answer) note(f dialect.Facts) {
	r := a.rec
	r.answeredBy, r.usage, r.usageSource = f.Model, f.Usage, f.UsageSource
	r.finish, r.tools = f.FinishReason, f.ToolCalls
	if f.Cost.Known {
		r.cost, r.costKnown = f.Cost.USD, true
	}
	if f.Tier != "" {
		r.tier = f.Tier
	}
}
