package gateway

import (
	"net/url"
	"testing"
)

func TestPathsStayBelowTheirBase(t *testing.T) {
	f := func(base, path, want string) {
		t.Helper()
		b, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		_, rest := split(path)
		got := "refused"
		if !tricky(rest) {
			got = join(b, rest, "").String()
		}
		if got != want {
			t.Errorf("%s on %s\n got %s\nwant %s", path, base, got, want)
		}
	}
	const api = "https://api.example.com"
	f(api, "/gateway/openai/v1/chat/completions", api+"/v1/chat/completions")
	f(api, "/gateway/openai", api)
	f(api, "/gateway/openai/", api+"/")
	f(api+"/", "/gateway/openai/v1/models", api+"/v1/models")
	f(api+"/openai", "/gateway/groq/v1/models", api+"/openai/v1/models")
	f(api+"/openai/v1", "/gateway/groq/v1/models", api+"/openai/v1/models")
	f(api+"/openai/v1/", "/gateway/groq/models", api+"/openai/v1/models")
	f(api+"/v1", "/gateway/groq/v1", api+"/v1")
	f(api+"/v1", "/gateway/groq/v1beta/models", api+"/v1/v1beta/models")
	f(api+"/models", "/gateway/x/models/a", api+"/models/models/a")
	f(api, "/gateway/openai/v1/models/meta%2Fllama-3", api+"/v1/models/meta%2Fllama-3")
	f(api, "/gateway/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent",
		api+"/v1beta/models/gemini-2.5-pro:streamGenerateContent")
	f(api, "/gateway/x/@evil.example/x", api+"/@evil.example/x")
	f(api, "/gateway/x/v1/a@b", api+"/v1/a@b")
	f(api, "/gateway/x/v1/100%25", api+"/v1/100%25")
	f(api, "/gateway/x/v1/a...b/..c", api+"/v1/a...b/..c")
	for _, path := range []string{
		"/../admin", "/v1/../../x", "/..", "/.", "/v1/./x", "/%2e%2e/x", "/%2E./x", "/v1/..%2fx",
		"/v1/%2e%2e%2f%2e%2e%2fx", "/%252e%252e/x", "/%25252e%25252e/x", "//evil.example/x", "/v1//x",
		"/v1/%2f%2fx", `/v1\..\x`, "/v1/%5c..%5cx", "/v1/..;/x", "/v1/%00", "/v1/x%0d%0aHost:y", "/v1/%7f",
	} {
		f(api+"/base", "/gateway/x"+path, "refused")
	}
}

func FuzzNoPathLeavesItsBase(f *testing.F) {
	f.Add("/v1/chat/completions")
	f.Add("/..%2f..%2fetc")
	f.Add("//@evil.example/x?y#z")
	base, err := url.Parse("https://api.example.com/base/v1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		r, err := url.ParseRequestURI("/gateway/x" + path)
		if err != nil {
			t.Skip()
		}
		name, rest := split(r.EscapedPath())
		if name != "x" || tricky(rest) {
			t.Skip()
		}
		text := join(base, rest, "").String()
		again, err := url.Parse(text)
		if err != nil {
			t.Fatalf("%q became %q, which cannot be read: %v", path, text, err)
		}
		clean := again.JoinPath() // steps upwards taken
		if again.Host != base.Host || again.User != nil || again.Scheme != "https" ||
			len(clean.EscapedPath()) < len("/base/v1") || clean.EscapedPath()[:len("/base/v1")] != "/base/v1" {
			t.Fatalf("%q became %q", path, text)
		}
	})
}
