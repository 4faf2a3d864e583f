package retention

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"analytics/engine/store"
)

// A clock that is wrong by a year would make every event look old enough to delete. So the time of
// the wall is written down every minute, and when it moved in a way time does not, nothing is
// deleted until somebody says that it is right, or it went on normally for a while. A server that
// was off for more than a day looks the same, and only waits for settle.
const (
	beatEvery  = time.Minute
	maxBack    = 2 * time.Minute
	maxForward = 24 * time.Hour
	settle     = 3 * time.Hour
)

// beat is the heartbeat on the shelf `settings` of the default tenant: one clock, one beat.
type beat struct {
	// Wall is what the clock said last.
	Wall time.Time `json:"wall"`
	// Suspended is when the clock was last seen to jump, in its own time after the jump; zero if it
	// is trusted.
	Suspended time.Time `json:"suspended,omitzero"`
	Reason    string    `json:"reason,omitempty"`
}

const beatKey = "retention.clock"

// next is the heartbeat that follows b at now. It is where the rule is.
func (b beat) next(now time.Time) beat {
	next := beat{Wall: now, Suspended: b.Suspended, Reason: b.Reason}
	const layout = "2006-01-02 15:04:05 UTC"
	switch moved := now.Sub(b.Wall); {
	case b.Wall.IsZero():
	case moved < -maxBack:
		next.Suspended = now
		next.Reason = fmt.Sprintf("the clock went back from %s to %s", b.Wall.UTC().Format(layout),
			now.UTC().Format(layout))
	case moved > maxForward:
		next.Suspended = now
		next.Reason = fmt.Sprintf("the clock went from %s to %s; either it was set or the server "+
			"was off", b.Wall.UTC().Format(layout), now.UTC().Format(layout))
	case !b.Suspended.IsZero() && now.Sub(b.Suspended) >= settle:
		next.Suspended, next.Reason = time.Time{}, ""
	}
	return next
}

// trusted says whether deleting may go on, and if not why and until when.
func (b beat) trusted() (reason string, ok bool) {
	if b.Suspended.IsZero() {
		return "", true
	}
	until := b.Suspended.Add(settle).UTC().Format("15:04 UTC")
	return b.Reason + "; nothing is deleted until " + until +
		", or until `analytics retention run --accept-clock` says that the clock is right", false
}

// Beat writes the heartbeat down. It is a job that runs every minute.
func (k *Keeper) Beat(ctx context.Context) error {
	_, err := k.beat(ctx, false)
	return err
}

// beat brings the heartbeat up to now; accept trusts the clock as it is.
func (k *Keeper) beat(ctx context.Context, accept bool) (beat, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old, err := k.lastBeat()
	if err != nil {
		return beat{}, err
	}
	next := old.next(k.cfg.Now())
	if accept {
		next.Suspended, next.Reason = time.Time{}, ""
	}
	if !next.Suspended.IsZero() && !next.Suspended.Equal(old.Suspended) {
		k.cfg.Log.Warn("retention: deletion is suspended", "reason", next.Reason)
	}
	value, err := json.Marshal(next)
	if err != nil {
		return beat{}, err
	}
	return next, k.shelf().Put(ctx, beatKey, value)
}

func (k *Keeper) lastBeat() (b beat, err error) {
	value, ok, err := k.shelf().Get(beatKey)
	if err != nil || !ok {
		return beat{}, err
	}
	// A beat that cannot be read is one that was never written: the next run writes a new one, and
	// all it can cost is a jump that goes unseen.
	if json.Unmarshal(value, &b) != nil {
		return beat{}, nil
	}
	return b, nil
}

func (k *Keeper) shelf() *store.Shelf { return k.store.Shelf(store.Default, "settings") }
