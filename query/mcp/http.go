package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"sync"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"analytics/engine/auth"
	"analytics/engine/fault"
	"analytics/engine/web"
)

// maxCall is the largest call: questions are short.
const maxCall = 1 << 20

// Routes adds POST /mcp, for keys with the scope query. Each request stands alone: there are no
// sessions that could be left open. It asks the other routes of the mux with the request's own key.
func Routes(mux *web.Mux, version string) {
	// One server for all, and one for all who are bound in the same way: making its tools takes 30 ms,
	// measured. So who calls is in the context, the only way that the SDK leaves from a request to its
	// tools. What a bound key sees is decided by the routes that are asked with it; its server only leaves
	// out the tools that would be refused.
	free := build(version, auth.Binding{}, auth.Binding{}, through(mux))
	narrow := func(way auth.Binding) func() *sdk.Server {
		return sync.OnceValue(func() *sdk.Server { return build(version, way, auth.Binding{}, through(mux)) })
	}
	ofAgents, ofSites := narrow(auth.Binding{Agent: "?"}), narrow(auth.Binding{Site: "?"})
	serverOf := func(r *http.Request) *sdk.Server {
		switch bound := web.Identity(r.Context()).Bound; {
		case bound.Free():
			return free
		case bound.Agent == "" && bound.Project == "":
			return ofSites()
		}
		return ofAgents() // what an agent did has the fields that what is in a project has
	}
	handler := sdk.NewStreamableHTTPHandler(serverOf, &sdk.StreamableHTTPOptions{
		Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxCall, PropagateRequestCancellation: true,
		// Keys protect this route: what another site makes a browser send has none. The check of the
		// Host header would refuse what comes through a proxy on this machine.
		DisableLocalhostProtection: true,
	})
	mux.HandleBoundQuietly("POST /mcp", auth.Query, func(w http.ResponseWriter, r *http.Request) error {
		handler.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, r)))
		return nil
	})
}

// credentials are the headers that say who asks.
var credentials = []string{"Authorization", "X-Analytics-Key", "Cookie", "X-Forwarded-For", "Origin",
	"Sec-Fetch-Site", "X-Request-Id"}

// callerKey is where the context of a call has the request that it came by.
type callerKey struct{}

// through asks the routes of the mux as who called.
func through(mux http.Handler) Ask {
	return func(ctx context.Context, path string, values url.Values) ([]byte, error) {
		r, ok := ctx.Value(callerKey{}).(*http.Request)
		if !ok {
			return nil, fault.New(fault.Internal, "internal", "the call came by no request")
		}
		// The context of r says whether it came by the socket; the one of the call ends with it.
		here, stop := context.WithCancel(context.WithoutCancel(r.Context()))
		defer stop()
		defer context.AfterFunc(ctx, stop)()
		u := url.URL{Path: path, RawQuery: values.Encode()}
		ask, err := http.NewRequestWithContext(here, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, err
		}
		ask.RequestURI, ask.RemoteAddr, ask.Host, ask.TLS = u.RequestURI(), r.RemoteAddr, r.Host, r.TLS
		ask.Body = http.NoBody
		for _, name := range credentials {
			if v := r.Header.Values(name); len(v) > 0 {
				ask.Header[name] = v
			}
		}
		w := &page{header: http.Header{}, status: http.StatusOK}
		mux.ServeHTTP(w, ask)
		if w.status >= http.StatusBadRequest {
			return nil, w.fault()
		}
		return w.body.Bytes(), nil
	}
}

// page keeps an answer.
type page struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (p *page) Header() http.Header         { return p.header }
func (p *page) WriteHeader(status int)      { p.status = status }
func (p *page) Write(b []byte) (int, error) { return p.body.Write(b) }

// fault is the error that the answer tells of.
func (p *page) fault() error {
	var said struct {
		Error struct{ Code, Message, Field string }
	}
	if json.Unmarshal(p.body.Bytes(), &said) != nil || said.Error.Code == "" {
		return fault.New(fault.FromStatus(p.status, ""), "bad_answer", "the answer was %d", p.status)
	}
	e := said.Error
	return fault.At(fault.FromStatus(p.status, e.Code), e.Code, e.Field, "%s", e.Message)
}
