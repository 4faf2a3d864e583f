package gateway

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"analytics/engine/config"
	"analytics/engine/outbound"
	"analytics/ingest/dialect"
)

// Config is the `gateway:` block.
type Config struct {
	// Upstreams by the name in /gateway/<name>/. openai, anthropic and gemini are there without it.
	Upstreams map[string]Upstream `yaml:"upstreams"`
	// AllowAnonymous lets callers through who show no key of ours. They use their own provider key:
	// the configured ones are for callers who are known.
	AllowAnonymous bool `yaml:"allow_anonymous"`
	// OnClientAbort says what becomes of a call whose caller left: drain reads the answer to its end,
	// so that its tokens are known (they are billed all the same), cancel ends it at the upstream too.
	OnClientAbort string `yaml:"on_client_abort"`
	// AnswerTimeout is for an upstream to begin its answer, IdleTimeout for each further piece of it,
	// DrainTimeout for what is left of an answer that nobody waits for.
	AnswerTimeout time.Duration `yaml:"answer_timeout"`
	IdleTimeout   time.Duration `yaml:"idle_timeout"`
	DrainTimeout  time.Duration `yaml:"drain_timeout"`
}

// Upstream is a provider, or a server that speaks like one.
type Upstream struct {
	// BaseURL is what stands before the path of a call. A version at its end is not doubled: with
	// https://api.groq.com/openai/v1, /gateway/groq/v1/models is https://api.groq.com/openai/v1/models.
	BaseURL string `yaml:"base_url"`
	// Dialect is openai, anthropic or gemini; by default what the name says, or else openai.
	Dialect string `yaml:"dialect"`
	// APIKey goes to the upstream in place of a key of ours. ${NAME} is taken from the environment.
	APIKey config.Secret `yaml:"api_key"`
	// Provider is whose prices count; by default what the host says, or else the upstream's name.
	Provider string `yaml:"provider"`
	// IncludeUsage is true or false: whether the upstream takes stream_options.include_usage. By
	// default it is asked for where that is known.
	IncludeUsage string `yaml:"include_usage"`
}

// The ways to deal with a caller who left.
const (
	drain  = "drain"
	cancel = "cancel"
)

// DefaultConfig has the three built-in upstreams, lets nobody in without a key, and drains.
func DefaultConfig() Config {
	return Config{
		OnClientAbort: drain, AnswerTimeout: 10 * time.Minute, IdleTimeout: 5 * time.Minute,
		DrainTimeout: time.Minute,
	}
}

// builtIn are the upstreams that need no configuration.
var builtIn = map[string]string{
	"openai":    "https://api.openai.com",
	"anthropic": "https://api.anthropic.com",
	"gemini":    "https://generativelanguage.googleapis.com",
}

var goodName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// Validate says everything that is wrong with the block.
func (c Config) Validate() error {
	var all []error
	for _, name := range slices.Sorted(maps.Keys(c.Upstreams)) {
		if !goodName.MatchString(name) {
			all = append(all, fmt.Errorf("upstreams.%s: a name is made of small letters, digits, dots, "+
				"hyphens and underscores, since it is a part of the path", name))
			continue
		}
		all = append(all, c.Upstreams[name].problems(name)...)
	}
	if c.OnClientAbort != drain && c.OnClientAbort != cancel {
		all = append(all, fmt.Errorf("on_client_abort is %s or %s, not %q", drain, cancel, c.OnClientAbort))
	}
	for name, d := range map[string]time.Duration{
		"answer_timeout": c.AnswerTimeout, "idle_timeout": c.IdleTimeout, "drain_timeout": c.DrainTimeout,
	} {
		if d <= 0 {
			all = append(all, fmt.Errorf("%s must be more than nothing, such as 5m", name))
		}
	}
	return errors.Join(all...)
}

func (u Upstream) problems(name string) (all []error) {
	field := func(field, format string, args ...any) {
		all = append(all, fmt.Errorf("upstreams.%s.%s: "+format, append([]any{name, field}, args...)...))
	}
	if _, err := u.base(name); err != nil {
		field("base_url", "%v", err)
	}
	if _, err := u.dialect(name); err != nil {
		field("dialect", "%v", err)
	}
	if strings.ContainsFunc(string(u.APIKey), func(r rune) bool { return r <= ' ' || r > '~' }) {
		field("api_key", "a key cannot have spaces, line breaks or letters beyond ASCII")
	}
	if strings.HasPrefix(string(u.APIKey), ourPrefix) {
		field("api_key", "this is a key of this server, not one of the provider")
	}
	if u.IncludeUsage != "" && u.IncludeUsage != "true" && u.IncludeUsage != "false" {
		field("include_usage", "it is true or false, not %q", u.IncludeUsage)
	}
	if len(u.Provider) > 64 {
		field("provider", "over 64 bytes")
	}
	return all
}

// base is the upstream's address. Errors do not repeat it: it may hold a password.
func (u Upstream) base(name string) (*url.URL, error) {
	text := strings.TrimSpace(u.BaseURL)
	if text == "" {
		text = builtIn[name]
	}
	if text == "" {
		return nil, errors.New("it is missing; it is where calls go, such as https://api.groq.com/openai")
	}
	b, err := url.Parse(text)
	switch {
	case err != nil || b.Opaque != "" || b.Hostname() == "":
		return nil, errors.New("it cannot be read; it is like https://api.groq.com/openai")
	case b.Scheme != "https" && b.Scheme != "http":
		return nil, errors.New("it must begin with https://, or http:// for a private address")
	case b.User != nil:
		return nil, errors.New("it must not hold a user or password; put the key into api_key")
	case b.RawQuery != "" || b.ForceQuery:
		return nil, errors.New("it must not have a query; callers send theirs with each call")
	case b.Fragment != "":
		return nil, errors.New("it must not have a fragment")
	case tricky(b.EscapedPath()):
		return nil, errors.New("its path must not hold dots alone, backslashes or empty parts")
	}
	return b, nil
}

func (u Upstream) dialect(name string) (*dialect.Dialect, error) {
	want := u.Dialect
	if want == "" {
		want = name
		if _, ok := builtIn[name]; !ok {
			want = "openai"
		}
	}
	if d, ok := dialect.ByName(want); ok {
		return d, nil
	}
	return nil, fmt.Errorf("it is openai, anthropic or gemini, not %q", want)
}

// Warnings are what is probably not meant: upstreams at private addresses that network.allow does not
// let anybody reach.
func (c Config) Warnings(allow []netip.Prefix) (all []string) {
	for _, name := range slices.Sorted(maps.Keys(c.Upstreams)) {
		base, err := c.Upstreams[name].base(name)
		if err != nil {
			continue
		}
		ip, err := netip.ParseAddr(base.Hostname())
		if base.Hostname() == "localhost" {
			ip, err = netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
		}
		if err != nil {
			continue
		}
		if err := guardOf(base, allow).Permit(netip.AddrPortFrom(ip, 443).String()); err != nil {
			all = append(all, fmt.Sprintf("gateway.upstreams.%s cannot be reached: %v", name, err))
		}
	}
	return all
}

// guardOf says where connections to an upstream may lead. Without TLS that is network.allow only: a
// provider key does not cross the internet in clear.
func guardOf(base *url.URL, allow []netip.Prefix) outbound.Guard {
	return outbound.Guard{Allow: allow, Public: base.Scheme == "https"}
}
