package rollup

import (
	"context"
	"log/slog"
	"sync"

	"analytics/engine/store"
)

// hurry is how sessions are stored before their job comes, because somebody cannot wait for them.
type hurry struct {
	asked chan struct{} // a token asks for it

	mu    sync.Mutex
	ran   chan struct{} // closed when they were stored next, or when nobody does it any more
	alone bool          // who asks waits: nothing goes on once there is an answer
}

func newHurry() hurry { return hurry{asked: make(chan struct{}, 1), ran: make(chan struct{})} }

// Alone is Watch for a process that ends with its first answer: whoever asks for sessions that are not stored
// waits until they are.
func (m *Mill) Alone() func(context.Context) {
	m.hurried.mu.Lock()
	defer m.hurried.mu.Unlock()
	m.hurried.alone = true
	return m.Watch
}

// attended reports whether sessions will be stored after who asks has got an answer.
func (m *Mill) attended() bool {
	m.hurried.mu.Lock()
	defer m.hurried.mu.Unlock()
	return !m.hurried.alone
}

// hurry asks for sessions to be stored now, if somebody watches. What it returns is closed afterwards.
func (m *Mill) hurry() <-chan struct{} {
	h := &m.hurried
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case h.asked <- struct{}{}:
	default: // somebody asked already
	}
	return h.ran
}

// storeHurried stores sessions whenever somebody cannot wait for them, until ctx ends.
func (m *Mill) storeHurried(ctx context.Context) {
	h := &m.hurried
	for {
		select {
		case <-ctx.Done():
			h.over(false)
			return
		case <-h.asked:
		}
		m.storing.Store(true)
		err := m.CloseSessions(ctx)
		m.storing.Store(false)
		if err != nil && ctx.Err() == nil {
			m.Log.LogAttrs(ctx, slog.LevelError, "cannot store sessions", slog.Any("error", err))
		}
		h.over(true)
	}
}

// over lets those go on who wait; again says that others may wait for the next time.
func (h *hurry) over(again bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.ran:
	default:
		close(h.ran)
	}
	if again {
		h.ran = make(chan struct{})
	}
}

// storedFirst makes the sessions that are not stored after all others were.
func (m *Mill) storedFirst(ctx context.Context, t store.Tenant, f *freshness) (Fresh, error) {
	<-m.hurry() // however long a question may take, as a day that is half stored would be lost
	state, err := m.sessionState(t)
	if err != nil {
		return Fresh{}, err
	}
	if err := m.follow(ctx, t, f, state); err != nil {
		return Fresh{}, err
	}
	return m.makeFresh(ctx, t, f)
}
