package gateway

import (
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"analytics/ingest/dialect"
)

// state is all that a reload changes, at once. Calls under way keep the one they began with.
type state struct {
	cfg       Config
	upstreams map[string]*upstream
}

// upstream is where calls go.
type upstream struct {
	name, provider string
	key            string
	base           *url.URL
	dialect        *dialect.Dialect
	usage          usageRule
	transport      *http.Transport
}

// usageRule says whether an upstream takes stream_options.include_usage. Some that do not know it
// refuse the whole call.
type usageRule uint8

const (
	usageNever usageRule = iota
	usageAlways
	usageByVersion // Azure: by the version of the API that the call asks for
)

// hosts are the providers known by name: whose prices count, under the id of the price table, and
// what they take. Azure's hosts begin with the name of a resource.
var hosts = []struct {
	suffix, provider string
	usage            usageRule
}{
	{"api.openai.com", "openai", usageAlways},
	{"api.anthropic.com", "anthropic", usageNever},
	{"generativelanguage.googleapis.com", "google", usageAlways}, // on its paths for OpenAI's clients
	{"aiplatform.googleapis.com", "google", usageAlways},
	{".openai.azure.com", "azure", usageByVersion},
	{".services.ai.azure.com", "azure", usageByVersion},
	{".cognitiveservices.azure.com", "azure", usageByVersion},
	{".amazonaws.com", "aws", usageNever},
	{"api.groq.com", "groq", usageAlways},
	{"api.deepseek.com", "deepseek", usageAlways},
	{"api.x.ai", "x-ai", usageAlways},
	{"openrouter.ai", "openrouter", usageAlways},
	{"api.cerebras.ai", "cerebras", usageAlways},
	{"api.moonshot.ai", "moonshotai", usageAlways},
	{"api.moonshot.cn", "moonshotai", usageAlways},
	{"api.mistral.ai", "mistral", usageNever}, // says its usage anyway, and refuses unknown fields
	{"api.together.xyz", "together", usageNever},
	{"api.together.ai", "together", usageNever},
	{"api.fireworks.ai", "fireworks", usageNever},
	{"api.perplexity.ai", "perplexity", usageNever},
	{"api.cohere.ai", "cohere", usageNever},
	{"api.cohere.com", "cohere", usageNever},
	{"api.novita.ai", "novita", usageAlways},
	{"api.z.ai", "zai", usageNever},
}

// azureSince is the first version of Azure's API that takes include_usage.
const azureSince = "2024-09-01"

// newState builds the upstreams of a valid configuration.
func newState(cfg Config, allow []netip.Prefix) (*state, error) {
	all := map[string]Upstream{}
	for name := range builtIn {
		all[name] = Upstream{}
	}
	maps.Copy(all, cfg.Upstreams)
	s := &state{cfg: cfg, upstreams: map[string]*upstream{}}
	for name, u := range all {
		up, err := newUpstream(name, u, cfg, allow)
		if err != nil {
			return nil, err
		}
		s.upstreams[name] = up
	}
	return s, nil
}

func newUpstream(name string, u Upstream, cfg Config, allow []netip.Prefix) (*upstream, error) {
	base, err := u.base(name)
	if err != nil {
		return nil, err
	}
	up := &upstream{name: name, provider: u.Provider, key: string(u.APIKey), base: base}
	if up.dialect, err = u.dialect(name); err != nil {
		return nil, err
	}
	provider, usage := known(base, name)
	if up.provider == "" {
		up.provider = provider
	}
	switch u.IncludeUsage {
	case "":
		up.usage = usage
	case "true":
		up.usage = usageAlways
	}
	up.transport = &http.Transport{
		// Proxy stays nil: the guard must see the address that is really connected to.
		DialContext:            guardOf(base, allow).Dial,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true, // the caller's Accept-Encoding decides
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        90 * time.Second,
		ResponseHeaderTimeout:  cfg.AnswerTimeout,
		MaxResponseHeaderBytes: maxAnswerHeader,
		// A connection that is dead without a word would hang every call that shares it.
		HTTP2:           &http.HTTP2Config{SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second},
		WriteBufferSize: 16 << 10,
		ReadBufferSize:  16 << 10,
	}
	return up, nil
}

// known says whose prices count at an address. A built-in name keeps its provider wherever it leads.
// Without TLS it is in the own network, where models have no list price, whatever they are called.
func known(base *url.URL, name string) (provider string, usage usageRule) {
	host := strings.ToLower(base.Hostname())
	for _, h := range hosts {
		if host == h.suffix || strings.HasSuffix(host, h.suffix) &&
			(h.suffix[0] == '.' || host[len(host)-len(h.suffix)-1] == '-' ||
				host[len(host)-len(h.suffix)-1] == '.') {
			return h.provider, h.usage
		}
	}
	if own, ok := builtIn[name]; ok { // its provider, behind a proxy of one's own
		at, _ := url.Parse(own)
		return known(at, "")
	}
	if base.Scheme == "http" {
		return "self-hosted", usageNever
	}
	return name, usageNever
}

// takesUsage reports whether a call may be sent with stream_options.include_usage.
func (up *upstream) takesUsage(query string) bool {
	if up.usage != usageByVersion {
		return up.usage == usageAlways
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		return false
	}
	v := q.Get("api-version")
	return v == "" || v == "preview" || v == "latest" || v >= azureSince
}
