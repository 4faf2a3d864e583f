package events

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math/rand/v2"
	"time"

	"analytics/engine/budget"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/ingest/decode"
	"analytics/ingest/enrich"
)

// worker has the memory that taking in one body needs. It is reused.
type worker struct {
	in      *Intake
	body    []byte
	decoder decode.Decoder
	event   event.Event
	scratch enrich.Scratch
	batch   event.Batch
	bill    budget.Body
	answer  Answer
	counts  [len(kindSlots)]int
	digest  hash.Hash
	ids     ids
}

func newWorker(in *Intake) *worker { return &worker{in: in, digest: sha256.New()} }

// read makes a batch of the body, and an answer that lacks only the store's part.
func (w *worker) read(ctx context.Context, p *policy, b *Body) error {
	now := w.in.now()
	w.batch.Reset()
	w.answer = Answer{Errors: []Error{}}
	w.counts = [len(kindSlots)]int{}
	w.ids = newIDs(now)
	w.decoder.Reset(b.Text, b.Lines, windowOf(b, now))
	e := &w.event
	for w.decoder.Next(e) {
		if problem := w.decoder.Problem(); problem != nil {
			w.reject(problem)
			continue
		}
		if b.Recent {
			e.Timed = false
		}
		if b.Public {
			if err := w.restrict(b); err != nil {
				return err
			}
		}
		if !p.sampler.takes(e) {
			w.answer.Sampled++
			continue
		}
		w.scratch.Reset()
		if !e.Named {
			w.name(b)
		}
		if err := w.in.enricher.Event(ctx, e, now, &w.scratch); err != nil {
			return err
		}
		w.in.variety.fold(e, now, b.Public)
		if w.in.watch != nil {
			w.in.watch(e)
		}
		p.book.Price(e)
		if w.in.ledger != nil {
			w.bill.Note(e)
		}
		w.batch.Add(e)
		w.counts[e.Kind]++
	}
	w.answer.Dropped = w.decoder.Dropped()
	return w.decoder.Err()
}

func windowOf(b *Body, now time.Time) decode.Window {
	at := event.MicrosOf(now)
	w := decode.Window{Now: at, From: at - micros(past), To: at + micros(future)}
	switch {
	case b.Backfill:
		w.From = 0
	case b.Public:
		w.From = at - micros(publicPast)
	}
	return w
}

func micros(d time.Duration) event.Micros { return event.Micros(d / time.Microsecond) }

func (w *worker) reject(p *decode.Problem) {
	w.answer.Rejected++
	if len(w.answer.Errors) < maxErrors {
		w.answer.Errors = append(w.answer.Errors, Error{p.Index, p.Code, p.Message()})
	}
}

// kindSlots says for each kind what a public key may do with it, and which fields hold what the
// connection knows better. Kinds that are not for browsers have none.
var kindSlots = [event.Metric + 1]struct {
	public    bool
	ip, agent int
}{
	event.PageView:   {true, event.PageClientIP, event.PageUserAgent},
	event.Engagement: {true, event.EngagementClientIP, event.EngagementUserAgent},
	event.Custom:     {true, event.CustomClientIP, event.CustomUserAgent},
}

// restrict holds an event from a public key to what a browser may say: it stands for itself, and
// its address is that of the connection. Another kind of event is no
// mistake of a browser: the whole body is refused.
func (w *worker) restrict(b *Body) error {
	e := &w.event
	slots := &kindSlots[e.Kind]
	if !slots.public {
		return fault.At(fault.Forbidden, string(decode.ForbiddenType), "type",
			"a public key may send page_view, engagement and event, not %s", e.Kind)
	}
	if weight, ok := e.Kind.Weight(); ok {
		e.Clear(weight)
	}
	e.Clear(slots.ip)
	e.Clear(slots.agent)
	if b.Address.IsValid() {
		e.SetText(slots.ip, []byte(b.Address.String()))
	}
	if b.Agent != "" {
		e.SetText(slots.agent, enrich.CutText([]byte(b.Agent), event.DefaultMaxText))
	}
	if e.Kind == event.PageView {
		if e.Clear(event.PageClientHints); b.Hints != "" {
			e.SetText(event.PageClientHints, []byte(b.Hints))
		}
	}
	return nil
}

// name gives the event an id. One made of text and place counts as the client's, so that it is
// found again.
func (w *worker) name(b *Body) {
	e := &w.event
	var id [16]byte
	if b.LineIDs {
		text, offset := w.decoder.Raw()
		id = w.lineID(text, b.Offset+int64(offset))
		e.Named = true
	} else {
		id = w.ids.next()
	}
	e.SetText(event.EventID, event.AppendUUID(w.scratch.Room(17), id))
}

// lineID is a UUIDv8 of an event's text and of where in its file it stands.
func (w *worker) lineID(text []byte, offset int64) (id [16]byte) {
	var place [8]byte
	binary.BigEndian.PutUint64(place[:], uint64(offset))
	w.digest.Reset()
	_, _ = w.digest.Write(text)
	_, _ = w.digest.Write(place[:])
	var sum [sha256.Size]byte
	copy(id[:], w.digest.Sum(sum[:0]))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// ids makes UUIDv7s for the events of one body: the time, then 74 bits that are random for the body
// and count up within it. That is as unique as 74 random bits for each event (a body has at most
// 2^14 events), and takes a tenth of the space once compressed.
type ids struct {
	millis    uint64
	high, low uint64
}

func newIDs(now time.Time) ids {
	return ids{uint64(now.UnixMilli()), rand.Uint64(), rand.Uint64()}
}

func (n *ids) next() (id [16]byte) {
	binary.BigEndian.PutUint64(id[:8], n.millis<<16|n.high&0x0fff|0x7000)
	binary.BigEndian.PutUint64(id[8:], n.low&(1<<62-1)|1<<63)
	n.low++
	return id
}
