package decode

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestScrubTakesSecretsAndAddresses(t *testing.T) {
	for _, c := range [][2]string{
		{"rate limit reached for gpt-4o in organization org-x", ""},
		{"model claude-3-5-sonnet-20241022 not found (404)", ""},
		{"request 550e8400-e29b-41d4-a716-446655440000 failed after 3 tries, max_tokens=4096", ""},
		{"Unexpected token < in JSON at position 0", ""},
		{"basic auth is off; the key is missing", ""},
		{"Incorrect API key provided: sk-proj-abc***********wxyz.",
			"Incorrect API key provided: [redacted]"},
		{"key ak_ing_12345678_abcdefghij0123 revoked", "key [redacted] revoked"},
		{"Authorization: Bearer abc.def.ghi failed", "Authorization: Bearer [redacted] failed"},
		{"authorization=Basic dXNlcjpwYXNz,x", "authorization=Basic [redacted],x"},
		{"BEARER x1y2z3w4", "BEARER [redacted]"},
		{`{"api_key":"s3cr3tvalue","password": "hunter22"}`,
			`{"api_key":"[redacted]","password": "[redacted]"}`},
		{"GET https://x.example/?key=abcdef&a=1", "GET https://x.example/?key=[redacted]&a=1"},
		{"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_g end", "jwt [redacted] end"},
		{"mail jane.doe+x@mail.example.com.", "mail [email]."},
		{"<joe@example.org>: unknown user", "<[email]>: unknown user"},
		{"a@b and @user stay", "a@b and @user stay"},
		{"digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 mismatch",
			"digest [redacted] mismatch"},
		{"AKIAIOSFODNN7EXAMPLE leaked", "[redacted] leaked"},
	} {
		want := c[1]
		if want == "" {
			want = c[0]
		}
		if got := string(Scrub(nil, []byte(c[0]), 200)); got != want {
			t.Errorf("%s\n got %s\nwant %s", c[0], got, want)
		}
	}
}

func FuzzScrub(f *testing.F) {
	f.Add("Bearer sk-abcdefghijk", 20)
	f.Add("é@é.é password=\"", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 0 || limit > 1000 || !utf8.ValidString(text) {
			t.Skip()
		}
		got := Scrub([]byte("kept"), []byte(text), limit)
		if !strings.HasPrefix(string(got), "kept") || len(got) > limit+4 || !utf8.Valid(got) {
			t.Errorf("%q, %d: got %q", text, limit, got)
		}
		if strings.Contains(string(got), " sk-abcdefghijk") {
			t.Errorf("%q: the key is still there", text)
		}
	})
}
