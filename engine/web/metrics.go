package web

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics is what /metrics shows: the process, the requests, and what other rooms add with Func.
type Metrics struct {
	registry *prometheus.Registry
	inFlight prometheus.Gauge
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// NewMetrics makes a registry of its own, so that no library can add to it unseen.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "analytics_http_requests_in_flight", Help: "Requests being answered now.",
		}),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "analytics_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "analytics_http_request_seconds", Help: "How long answers took, by route.",
			Buckets: []float64{
				.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60,
			},
		}, []string{"route"}),
	}
	m.registry.MustRegister(m.inFlight, m.requests, m.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// meter counts the requests of one route. Counters are looked up once for each status.
type meter struct {
	of      *Metrics
	route   string
	seconds prometheus.Observer
	mu      sync.Mutex
	counts  map[int]prometheus.Counter
}

func (m *Metrics) route(pattern string) *meter {
	return &meter{
		of: m, route: pattern, seconds: m.seconds.WithLabelValues(pattern),
		counts: map[int]prometheus.Counter{},
	}
}

func (m *meter) note(status int, took time.Duration) {
	m.mu.Lock()
	count := m.counts[status]
	if count == nil {
		count = m.of.requests.WithLabelValues(m.route, strconv.Itoa(status))
		m.counts[status] = count
	}
	m.mu.Unlock()
	count.Inc()
	m.seconds.Observe(took.Seconds())
}

// Shape is how a number behaves.
type Shape int

// A Counter only grows until the process ends; a Gauge goes up and down.
const (
	Counter Shape = iota
	Gauge
)

// Func adds a metric that is read when somebody asks. read calls emit once for each set of label
// values, or once without any; it runs for every scrape, so it has to be quick.
func (m *Metrics) Func(shape Shape, name, help string, labels []string,
	read func(emit func(value float64, labelValues ...string)),
) {
	kind := prometheus.CounterValue
	if shape == Gauge {
		kind = prometheus.GaugeValue
	}
	m.registry.MustRegister(&reader{
		desc: prometheus.NewDesc(name, help, labels, nil), kind: kind, read: read,
	})
}

// reader is a collector over a function.
type reader struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	read func(emit func(value float64, labelValues ...string))
}

// Describe tells the registry the name.
func (r *reader) Describe(out chan<- *prometheus.Desc) { out <- r.desc }

// Collect reads the numbers.
func (r *reader) Collect(out chan<- prometheus.Metric) {
	r.read(func(value float64, labelValues ...string) {
		metric, err := prometheus.NewConstMetric(r.desc, r.kind, value, labelValues...)
		if err != nil {
			metric = prometheus.NewInvalidMetric(r.desc, err)
		}
		out <- metric
	})
}

// Handler answers GET /metrics.
func (m *Metrics) Handler() Handler {
	h := promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
	return func(w http.ResponseWriter, r *http.Request) error {
		h.ServeHTTP(w, r)
		return nil
	}
}
