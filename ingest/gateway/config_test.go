package gateway

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/config"
)

// settings is a file with nothing but a gateway.
type settings struct {
	Gateway Config `yaml:"gateway"`
}

func load(t *testing.T, text string, environ ...string) (*settings, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "analytics.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &settings{Gateway: DefaultConfig()}
	return s, config.Load(path, environ, s)
}

func TestConfigurationOfTheReadmeWorks(t *testing.T) {
	s, err := load(t, `
gateway:
  upstreams:
    openai: {base_url: "https://api.openai.com"}
    local:  {base_url: "http://127.0.0.1:11434", dialect: openai, api_key: "${LOCAL_KEY}"}
    groq:   {base_url: "https://api.groq.com/openai/v1", include_usage: false}
    gemini: {api_key: AIza-canary}
  allow_anonymous: false
  idle_timeout: 90s
`, "LOCAL_KEY=sk-canary")
	if err != nil {
		t.Fatal(err)
	}
	st, err := newState(s.Gateway, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := func(name, base, dialect, provider, key string, usage bool) {
		t.Helper()
		up := st.upstreams[name]
		if up.base.String() != base || up.dialect.Name() != dialect || up.provider != provider ||
			up.key != key || up.takesUsage("") != usage {
			t.Errorf("%s: got %s %s %s %v", name, up.base, up.dialect.Name(), up.provider, up.takesUsage(""))
		}
	}
	f("openai", "https://api.openai.com", "openai", "openai", "", true)
	f("local", "http://127.0.0.1:11434", "openai", "self-hosted", "sk-canary", false)
	f("groq", "https://api.groq.com/openai/v1", "openai", "groq", "", false)
	f("gemini", "https://generativelanguage.googleapis.com", "gemini", "google", "AIza-canary", true)
	f("anthropic", "https://api.anthropic.com", "anthropic", "anthropic", "", false)
	shown, err := config.Show(s)
	if err != nil || strings.Contains(shown, "canary") || !strings.Contains(shown, "base_url") {
		t.Errorf("shown as\n%s%v", shown, err)
	}
	if text := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(text, "canary") {
		t.Error("printing the settings prints keys")
	}
}

func TestBadConfigurationNamesTheField(t *testing.T) {
	for _, c := range [][2]string{
		{`upstreams: {x: {dialect: openai}}`, "gateway: upstreams.x.base_url: it is missing"},
		{`upstreams: {x: {base_url: "ftp://h"}}`, "gateway: upstreams.x.base_url: it must begin with https"},
		{`upstreams: {x: {base_url: "https://u:canary@h"}}`, "gateway: upstreams.x.base_url: it must not hold a user"},
		{`upstreams: {x: {base_url: "https://h/?a=canary"}}`, "gateway: upstreams.x.base_url: it must not have a query"},
		{`upstreams: {x: {base_url: "https://h/#f"}}`, "gateway: upstreams.x.base_url: it must not have a fragment"},
		{`upstreams: {x: {base_url: "h.example"}}`, "gateway: upstreams.x.base_url: it cannot be read"},
		{`upstreams: {x: {base_url: "https://h/a/../b"}}`, "gateway: upstreams.x.base_url: its path"},
		{`upstreams: {x: {base_url: "https://h", dialect: klingon}}`, `gateway: upstreams.x.dialect: it is openai, anthropic or gemini, not "klingon"`},
		{`upstreams: {x: {base_url: "https://h", api_key: "a canary"}}`, "gateway: upstreams.x.api_key: a key cannot"},
		{`upstreams: {x: {base_url: "https://h", api_key: "ak_ing_canary"}}`, "gateway: upstreams.x.api_key: this is a key of this server"},
		{`upstreams: {x: {base_url: "https://h", api_key: "${NOBODY}"}}`, "gateway.upstreams.x.api_key: the environment has no NOBODY"},
		{`upstreams: {X/y: {base_url: "https://h"}}`, "gateway: upstreams.X/y: a name is made of"},
		{`upstreams: {x: {base_url: "https://h", apikey: k}}`, `unknown key "gateway.upstreams.x.apikey"; did you mean api_key?`},
		{`upstreams: {x: {base_url: "https://h", include_usage: maybe}}`, `gateway: upstreams.x.include_usage: it is true or false, not "maybe"`},
		{`on_client_abort: wait`, `gateway: on_client_abort is drain or cancel, not "wait"`},
		{`idle_timeout: 0s`, "gateway: idle_timeout must be more than nothing"},
	} {
		_, err := load(t, "gateway:\n  "+c[0]+"\n")
		if err == nil || !strings.Contains(err.Error(), c[1]) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s\n got %v\nwant %s", c[0], err, c[1])
		}
	}
}

func TestProvidersAreKnownByTheirHosts(t *testing.T) {
	f := func(base, provider string, usage bool, query string) {
		t.Helper()
		up, err := newUpstream("mine", Upstream{BaseURL: base}, DefaultConfig(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if up.provider != provider || up.takesUsage(query) != usage {
			t.Errorf("%s: got %s %v", base, up.provider, up.takesUsage(query))
		}
	}
	f("https://acme.openai.azure.com/openai", "azure", false, "api-version=2024-02-01")
	f("https://acme.openai.azure.com/openai", "azure", true, "api-version=2024-10-21")
	f("https://acme.openai.azure.com/openai/v1", "azure", true, "")
	f("https://us-central1-aiplatform.googleapis.com", "google", true, "")
	f("https://bedrock-runtime.eu-central-1.amazonaws.com", "aws", false, "")
	f("https://eu.api.openai.com", "openai", true, "")
	f("https://notapi.openai.com.evil.example", "mine", false, "")
	f("https://evilapi.openai.com", "mine", false, "")
	f("https://api.mistral.ai", "mistral", false, "")
	f("http://10.0.0.5:8000", "self-hosted", false, "")
	up, err := newUpstream("openai", Upstream{BaseURL: "http://10.0.0.5:8000"}, DefaultConfig(), nil)
	if err != nil || up.provider != "openai" || !up.takesUsage("") {
		t.Errorf("openai behind a proxy: got %s %v", up.provider, err)
	}
}
