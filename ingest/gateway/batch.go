package gateway

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"analytics/engine/event"
	"analytics/engine/store"
	"analytics/ingest/dialect"
)

// The requests of a batch have no answers of their own: they are recorded when somebody fetches the
// results, which may be done again for a month. So that this stores nothing twice, they all get the
// time at which the results were first fetched through the gateway; it is kept on a shelf, under
// batchPrefix, the upstream's name and the batch's id, as 8 bytes of microseconds, big-endian.
const (
	batchPrefix = "batch/"
	// batchKept is how long such a time is kept; results can be fetched for 29 days.
	batchKept = 35 * 24 * time.Hour
)

// results reads the results of a batch along and records what was worked on.
type results struct {
	*dialect.Results
	call *call
	at   time.Time
}

// readResults prepares reading results; nil if there are none to read, or their time cannot be kept.
func (c *call) readResults(status int) *results {
	if c.asked.Results == "" || status != http.StatusOK {
		return nil
	}
	at, err := c.g.fetched(c.ctx, c.up.name+"/"+c.asked.Results, c.start)
	if err != nil {
		c.g.log.Warn("gateway: the results of a batch are not recorded", "error", err)
		return nil
	}
	r := &results{call: c, at: at}
	r.Results = dialect.NewResults(r.take)
	return r
}

// take records one result.
func (r *results) take(f dialect.Result) {
	if !f.Ran {
		return
	}
	c := r.call
	row := &record{
		tenant: c.caller.tenant, caller: c.caller, start: r.at, labels: labelsOf(c.r.Header),
		answeredBy: f.Model, provider: c.up.provider, backend: c.up.name,
		endpoint: "/v1/messages", method: http.MethodPost, operation: dialect.Chat, tier: f.Tier,
		finish: f.FinishReason, tools: f.ToolCalls, usage: f.Usage, usageSource: f.UsageSource,
		errorType: f.ErrorType, errorMessage: f.ErrorMessage, won: f.ErrorType == "",
		userAgent: c.r.UserAgent(), untimed: true,
	}
	row.labels.trace = "" // the trace is of fetching
	sum := sha256.Sum256([]byte(strings.Join([]string{c.up.name, c.asked.Results, f.CustomID, f.ID}, "\x00")))
	row.id = hex.EncodeToString(sum[:16])
	row.model = cmp.Or(f.Model, "unknown") // an error names none
	c.g.recorder.take(row)
}

// fetched is when results were first fetched, which is now unless the shelf knows better.
func (g *Gateway) fetched(ctx context.Context, batch string, now time.Time) (time.Time, error) {
	key := batchPrefix + batch
	v, ok, err := g.shelf.Get(key)
	if err != nil {
		return now, err
	}
	if ok && len(v) == 8 {
		return event.Micros(binary.BigEndian.Uint64(v)).Time(), nil
	}
	now = event.MicrosOf(now).Time()
	changes, err := g.oldBatches(now)
	if err != nil {
		return now, err
	}
	value := binary.BigEndian.AppendUint64(nil, uint64(event.MicrosOf(now)))
	return now, g.shelf.Apply(ctx, append(changes, store.Change{Key: key, Value: value})...)
}

// oldBatches deletes the times of batches whose results nobody can fetch any more.
func (g *Gateway) oldBatches(now time.Time) (changes []store.Change, err error) {
	before := event.MicrosOf(now.Add(-batchKept))
	err = g.shelf.Each(batchPrefix, func(key string, v []byte) error {
		if len(v) != 8 || event.Micros(binary.BigEndian.Uint64(v)) < before {
			changes = append(changes, store.Change{Key: key, Delete: true})
		}
		return nil
	})
	return changes, err
}
