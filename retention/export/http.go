package export

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"analytics/engine/auth"
	"analytics/engine/event"
	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/engine/web"
)

// RowsHeader is the answer's header that says how many events are on the way.
const RowsHeader = "Analytics-Rows"

// mostAtOnce is how many exports run at the same time: each takes 100 to 180 MB, whatever its
// length (measured with 0.25 and 1.5 M AI requests).
const mostAtOnce = 2

// Door is the routes of exports.
type Door struct {
	store *store.Store
	now   func() time.Time
	seats chan struct{}
}

// NewDoor makes the door of a store.
func NewDoor(s *store.Store, now func() time.Time) *Door {
	if now == nil {
		now = time.Now
	}
	return &Door{store: s, now: now, seats: make(chan struct{}, mostAtOnce)}
}

// Routes adds GET /v1/export?type=&from=&to=&format=.
func (d *Door) Routes(mux *web.Mux) { mux.Handle("GET /v1/export", auth.Export, d.export) }

func (d *Door) export(w http.ResponseWriter, r *http.Request) error {
	request, err := parseRequest(r, d.now())
	if err != nil {
		return err
	}
	select {
	case d.seats <- struct{}{}:
		defer func() { <-d.seats }()
	default:
		return fault.New(fault.Unavailable, "busy",
			"%d exports are running already; try again when one is done", mostAtOnce)
	}
	e, err := Open(d.store, request)
	if err != nil {
		return err
	}
	defer e.Close()
	rows, err := e.Rows(r.Context())
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", web.ContentType(request.Format))
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-%s.%s"`, request.Kind,
		request.From.Format("20060102"), request.To.Format("20060102"), request.Format))
	h.Set(RowsHeader, strconv.FormatInt(rows, 10))
	_, err = e.Write(r.Context(), w)
	return err
}

// parseRequest reads the query of the route.
func parseRequest(r *http.Request, now time.Time) (Request, error) {
	q, err := web.Parameters(r, "type", "from", "to", "since", "until", "format")
	if err != nil {
		return Request{}, err
	}
	request := Request{Tenant: web.Identity(r.Context()).Tenant}
	var ok bool
	if request.Kind, ok = event.ParseKind(q.Get("type")); !ok {
		return Request{}, fault.At(fault.Invalid, "invalid_value", "type",
			"unknown type %q; types are %s", clip(q.Get("type")), kindNames())
	}
	if request.Format, err = Formats().Of(r); err != nil {
		return Request{}, err
	}
	request.From, request.To, err = Span(first(q.Get("from"), q.Get("since")),
		first(q.Get("to"), q.Get("until")), now)
	return request, err
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// kindNames lists the kinds for a message.
func kindNames() string {
	var names []string
	for _, k := range event.Kinds() {
		names = append(names, k.String())
	}
	return strings.Join(names, ", ")
}
