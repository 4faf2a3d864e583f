package middleware

import (
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Watch reports the page views of one application. It is safe for concurrent use.
type Watch struct {
	cfg     Config
	queue   chan view
	stop    chan struct{} // closed by Close: no more views are taken
	done    chan struct{} // closed when the sender has ended
	closing sync.Once
	sending context.Context // ends when Close has waited long enough
	abandon context.CancelFunc
	advice  *advice // nil: nobody is slowed down
	parts   *parts
	doubts  *doubts

	sent, dropped, refused atomic.Int64
}

// Counts are what became of page views so far.
type Counts struct {
	Sent    int64 // taken by analytics
	Dropped int64 // the queue was full, or Close could not wait
	Refused int64 // by analytics; the log says why
}

// New begins to watch. Close ends it.
func New(cfg Config) (*Watch, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	w := &Watch{cfg: cfg, queue: make(chan view, cfg.Queue), stop: make(chan struct{}),
		done: make(chan struct{}), parts: newParts(), doubts: newDoubts(cfg.Queue)}
	w.sending, w.abandon = context.WithCancel(context.Background())
	if cfg.Throttle {
		w.advice = newAdvice(cfg)
		go w.advice.run(w.sending, w.stop)
	}
	go w.run()
	return w, nil
}

// Counts says what became of page views so far.
func (w *Watch) Counts() Counts {
	return Counts{w.sent.Load(), w.dropped.Load(), w.refused.Load()}
}

// Close sends what waits, as long as ctx lasts. Requests may go on, and are not reported any more.
func (w *Watch) Close(ctx context.Context) error {
	w.closing.Do(func() { close(w.stop) })
	select {
	case <-w.done:
	case <-ctx.Done():
		w.abandon()
		<-w.done
	}
	w.abandon()
	if w.advice != nil {
		<-w.advice.done
	}
	return ctx.Err()
}

// view is one page view, or what may be one. Its texts are the request's own.
type view struct {
	at               time.Time
	host, path       string
	query            string
	referrer, method string
	agent, language  string
	signals, hints   string
	status           int
	secure           bool
	first            bool   // a browser would ask for parts of it next
	visitor          uint64 // see parts; 0 until that is asked
	ip               netip.Addr
}

// Handler reports the page views that next answers.
func (w *Watch) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		ip, secure, proxied := client(r, w.cfg.TrustedProxies)
		if w.advice != nil && ip.IsValid() {
			d := w.advice.of(ip, r.UserAgent())
			if !d.Allowed {
				rw.Header().Set("Retry-After", strconv.FormatInt(max(1, d.RetryAfter), 10))
				http.Error(rw, "too many requests", http.StatusTooManyRequests)
				return
			}
			r = r.WithContext(context.WithValue(r.Context(), decisionKey{}, d))
		}
		if w.skips(r) {
			if is, shown := part(r); is && !w.unwanted(r) {
				w.parts.note(w.parts.visitor(ip, r.UserAgent()), shown)
			}
			next.ServeHTTP(rw, r)
			return
		}
		v := view{
			at: w.cfg.Now(), host: r.Host, path: r.URL.EscapedPath(), query: r.URL.RawQuery,
			referrer: r.Header.Get("Referer"), method: r.Method, agent: r.UserAgent(),
			language: r.Header.Get("Accept-Language"), secure: secure, ip: ip,
			signals: signals(r, secure, proxied), hints: clientHints(r.Header),
			first: first(r),
		}
		probe := probed(v.path)
		rec := &recorder{ResponseWriter: rw, wanted: strings.Contains(r.Header.Get("Accept"), "text/html")}
		// Also when the handler panics: the panic goes on, and the view is reported.
		defer func() {
			if v.status = rec.status; v.status == 0 {
				v.status = http.StatusOK
			}
			if probe && v.status >= 300 || rec.isPage() {
				w.add(v)
			}
		}()
		next.ServeHTTP(rec.dressed(), r)
	})
}

// add queues a view, or drops it.
func (w *Watch) add(v view) {
	select {
	case <-w.stop:
		return
	default:
	}
	select {
	case w.queue <- v:
	default:
		w.dropped.Add(1)
	}
}
