package gateway

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"analytics/engine/auth"
)

// seen remembers what an upstream was sent.
type seen struct {
	mu   sync.Mutex
	last *http.Request
	n    int
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.last, s.n = r.Clone(r.Context()), s.n+1
	s.mu.Unlock()
	answers(200, "application/json", chatAnswer)(w, r)
}

func (s *seen) take() *http.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.last
	s.last = nil
	return r
}

func TestKeysAreSwappedOrPassedAndNeverTravel(t *testing.T) {
	up := &seen{}
	h := newHouse(t, up.ServeHTTP, nil)
	ours := h.key(auth.Ingest)
	const chat, theirs = "/v1/chat/completions", "sk-theirs"
	f := func(upstream, path string, headers map[string]string, want map[string]string) {
		t.Helper()
		s := h.call("POST", "/gateway/"+upstream+path, chatBody)
		for name, value := range headers {
			s.with(name, value)
		}
		res, body := s.do()
		got := up.take()
		if res.StatusCode != 200 || got == nil {
			t.Errorf("%s %v: got %d %s", upstream, headers, res.StatusCode, body)
			return
		}
		for _, name := range append(keyHeaders[:], "query") {
			value := got.Header.Get(name)
			if name == "query" {
				value = got.URL.RawQuery
			}
			if value != want[name] {
				t.Errorf("%s %v: upstream's %s is %q, want %q", upstream, headers, name, value, want[name])
			}
		}
		for name, values := range got.Header {
			if strings.Contains(strings.Join(values, " "), ours) {
				t.Errorf("%s %v: our key travelled in %s", upstream, headers, name)
			}
		}
		if strings.Contains(got.RequestURI, ours) {
			t.Errorf("our key travelled in the URL")
		}
	}
	type m = map[string]string
	bearer := m{"Authorization": "Bearer configured-key"}
	f("openai", chat, m{"Authorization": "Bearer " + ours}, bearer)
	f("openai", chat, m{"Authorization": "bearer  " + ours}, bearer)
	f("openai", chat, m{"X-Api-Key": ours}, bearer)
	f("openai", chat, m{"X-Analytics-Key": ours}, bearer)
	f("openai", chat, m{"Api-Key": ours}, m{"Api-Key": "configured-key"})
	f("openai", chat, m{"X-Analytics-Key": ours, "Authorization": "Bearer " + theirs},
		m{"Authorization": "Bearer " + theirs})
	f("openai", chat, m{"X-Analytics-Key": ours, "Authorization": "Bearer " + ours}, bearer)
	f("openai", chat, m{"Authorization": "Bearer " + ours, "X-Other": "x" + ours, "Connection": "close"}, bearer)
	f("anthropic", "/v1/messages", m{"X-Api-Key": ours}, m{"X-Api-Key": "configured-key"})
	f("anthropic", "/v1/messages", m{"Authorization": "Bearer " + ours}, m{"X-Api-Key": "configured-key"})
	f("anthropic", "/v1/messages", m{"X-Analytics-Key": ours, "X-Api-Key": theirs}, m{"X-Api-Key": theirs})
	const generate = "/v1beta/models/gemini-2.5-pro:generateContent"
	f("gemini", generate, m{"X-Goog-Api-Key": ours}, m{"X-Goog-Api-Key": "configured-key"})
	f("gemini", generate+"?key="+ours+"&alt=json", nil,
		m{"X-Goog-Api-Key": "configured-key", "query": "alt=json"})
	f("gemini", generate+"?alt=json&%6Bey="+ours, nil,
		m{"X-Goog-Api-Key": "configured-key", "query": "alt=json"})
	f("gemini", generate+"?key=AIza1", m{"X-Analytics-Key": ours}, m{"query": "key=AIza1"})
	f("gemini", "/v1beta/openai/chat/completions", m{"Authorization": "Bearer " + ours}, bearer)
	if strings.Contains(h.log.String(), ours) || strings.Contains(h.log.String(), "configured-key") ||
		strings.Contains(h.log.String(), "AIza1") {
		t.Error("the log holds a key")
	}
	for _, row := range h.rows() {
		for name, v := range row {
			if strings.Contains(v, ours) || strings.Contains(v, theirs) || strings.Contains(v, "AIza1") {
				t.Errorf("%s holds a key", name)
			}
		}
	}
}

func TestWhoHasNoKeyIsToldInTheProvidersWords(t *testing.T) {
	up := &seen{}
	h := newHouse(t, up.ServeHTTP, func(c *Config) {
		c.Upstreams["keyless"] = Upstream{BaseURL: c.Upstreams["local"].BaseURL}
	})
	good, query := h.key(auth.Ingest), h.key(auth.Query)
	revoked := h.key(auth.Ingest)
	for _, k := range h.keys.List() {
		if strings.Contains(revoked, k.ID) {
			if _, err := h.keys.Revoke(t.Context(), k.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := func(path string, headers map[string]string, status int, shape string) {
		t.Helper()
		s := h.call("POST", path, chatBody)
		for name, value := range headers {
			s.with(name, value)
		}
		res, body := s.do()
		if res.StatusCode != status || !strings.Contains(body, shape) ||
			res.Header.Get("Content-Type") != "application/json" || res.Header.Get("X-Should-Retry") != "false" {
			t.Errorf("%s %v:\n got %d %s\nwant %d %s", path, headers, res.StatusCode, body, status, shape)
		}
		if up.take() != nil {
			t.Errorf("%s %v: the upstream was asked", path, headers)
		}
	}
	type m = map[string]string
	const openai = "/gateway/openai/v1/chat/completions"
	f(openai, nil, 401, `"code":"missing_key"`)
	f(openai, m{"Authorization": "Bearer sk-theirs"}, 401, `{"error":{"code":"missing_key","message":`)
	f(openai, m{"Authorization": "Bearer " + revoked}, 401, `"code":"unknown_key"`)
	f(openai, m{"Authorization": "Bearer ak_ing_mistyped"}, 401, `"code":"unknown_key"`)
	f(openai, m{"X-Analytics-Key": "sk-theirs", "Authorization": "Bearer " + good}, 401, `"unknown_key"`)
	f(openai, m{"X-Analytics-Key": revoked, "Authorization": "Bearer " + good}, 401, `"unknown_key"`)
	f(openai, m{"Authorization": "Bearer " + query}, 403, `"code":"missing_scope"`)
	f("/gateway/anthropic/v1/messages", nil, 401, `"type":"authentication_error"`)
	f("/gateway/anthropic/v1/messages", m{"X-Api-Key": query}, 403, `"type":"permission_error"`)
	f("/gateway/gemini/v1beta/models/m:generateContent?key="+revoked, nil, 401, `"status":"UNAUTHENTICATED"`)
	f("/gateway/keyless/v1/chat/completions", m{"Authorization": "Bearer " + good}, 401,
		`gateway.upstreams.keyless.api_key`)
	f("/gateway/nobody/v1/chat/completions", m{"Authorization": "Bearer " + good}, 404,
		`"code":"unknown_upstream"`)
	f("/gateway/local/"+good+"/x", m{"Authorization": "Bearer " + good}, 400, `"code":"bad_path"`)
	f("/gateway/", m{"Authorization": "Bearer " + good}, 404, `"code":"unknown_upstream"`)
	f("/gateway/nobody/v1/chat/completions", nil, 401, `"code":"missing_key"`)
	if n := len(h.rows()); n != 0 {
		t.Errorf("%d rows of calls that were not let in", n)
	}
}

func TestKeylessUpstreamTakesOurKeyBeside(t *testing.T) {
	up := &seen{}
	h := newHouse(t, up.ServeHTTP, func(c *Config) {
		c.Upstreams["keyless"] = Upstream{BaseURL: c.Upstreams["local"].BaseURL}
	})
	res, _ := h.call("POST", "/gateway/keyless/v1/chat/completions", chatBody).
		with("X-Analytics-Key", h.key(auth.Ingest)).do()
	if got := up.take(); res.StatusCode != 200 || got.Header.Get("Authorization") != "" {
		t.Errorf("got %d, %v", res.StatusCode, got.Header)
	}
	check(t, h.row(), map[string]string{"provider": "self-hosted", "backend": "keyless",
		"cost_source": "unpriced"})
}

func TestAnonymousCallersUseTheirOwnKey(t *testing.T) {
	up := &seen{}
	h := newHouse(t, up.ServeHTTP, func(c *Config) { c.AllowAnonymous = true })
	f := func(headers map[string]string, status int, auth string) {
		t.Helper()
		s := h.call("POST", "/gateway/openai/v1/chat/completions", chatBody)
		for name, value := range headers {
			s.with(name, value)
		}
		res, body := s.do()
		got := up.take()
		if res.StatusCode != status || status == 200 && got.Header.Get("Authorization") != auth {
			t.Errorf("%v: got %d %s, %v", headers, res.StatusCode, body, got)
		}
	}
	type m = map[string]string
	f(m{"Authorization": "Bearer sk-theirs"}, 200, "Bearer sk-theirs")
	f(nil, 200, "") // never the configured key: nobody knows who asks
	f(m{"Authorization": "Bearer ak_ing_mistyped"}, 401, "")
	f(m{"X-Analytics-Key": "wrong"}, 401, "")
	f(m{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403, "")
	all := h.rows()
	if len(all) != 2 {
		t.Fatalf("got %d rows, want 2", len(all))
	}
	for _, row := range all {
		check(t, row, map[string]string{"auth_method": "anonymous", "authenticated": "0"})
	}
}

func FuzzNoKeyOfOursTravels(f *testing.F) {
	const token = "ak_ing_f3kQ81xZ_0123456789abcdefghijklmnopqrstuv012345"
	f.Add("Authorization", "Bearer "+token, "a=b")
	f.Add("X-Api-Key", token, "key="+token+"&x=y")
	f.Add("X-Other", "x "+token, "%6bey=%61k_ing&z="+token)
	f.Add("Cookie", "a="+token, "a="+token+"&"+token+"=b&key")
	f.Fuzz(func(t *testing.T, name, value, query string) {
		r := &http.Request{Header: http.Header{}, URL: &url.URL{RawQuery: query}}
		r.Header.Add(name, value)
		r.Header.Set(ourHeader, token)
		c := caller{token: token, swap: true}
		h := outgoing(r.Header)
		c.equip(h, &upstream{}, "/v1/x")
		for name, values := range h {
			if strings.Contains(strings.Join(values, "\n"), token) {
				t.Errorf("it travels in %s: %q", name, values)
			}
		}
		left := cleanQuery(query, token)
		plain, err := url.QueryUnescape(left)
		if strings.Contains(left, token) || err == nil && strings.Contains(plain, token) {
			t.Errorf("it travels in the query %q", left)
		}
		if !strings.Contains(query, "ak_") && !strings.Contains(query, "%") && left != query {
			t.Errorf("%q became %q", query, left)
		}
	})
}
