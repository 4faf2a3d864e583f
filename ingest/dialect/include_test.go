package dialect_test

import (
	"testing"

	"analytics/ingest/dialect"
)

func TestIncludeUsageChangesNothingElse(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		got, ok := dialect.IncludeUsage([]byte(body))
		if string(got) != want || ok != (body != want) {
			t.Errorf("IncludeUsage(%s)\n got %s, %v\nwant %s", body, got, ok, want)
		}
	}
	f(`{"a": 1}`, `{"stream_options":{"include_usage":true},"a": 1}`)
	f(` {  } `, ` {"stream_options":{"include_usage":true}  } `)
	f(`{"stream_options": null, "x":1}`, `{"stream_options": {"include_usage":true}, "x":1}`)
	f(`{"stream_options":{ },"x":1}`, `{"stream_options":{"include_usage":true },"x":1}`)
	f(`{"stream_options":{"include_usage":false }}`, `{"stream_options":{"include_usage":true }}`)
	f(`{"stream_options":{"include_obfuscation":false}}`,
		`{"stream_options":{"include_usage":true,"include_obfuscation":false}}`)
	// What the caller wrote in a message is no option.
	f(`{"messages":[{"stream_options":{"include_usage":false}}],"n":"\"stream_options\":{}"}`,
		`{"stream_options":{"include_usage":true},`+
			`"messages":[{"stream_options":{"include_usage":false}}],"n":"\"stream_options\":{}"}`)
	// The last of equal keys is the one that counts, however it is written.
	f(`{"stream_options":{"include_usage":true},"stream\u005foptions":{"include_usage":false}}`,
		`{"stream_options":{"include_usage":true},"stream\u005foptions":{"include_usage":true}}`)
	f(`[{"a":1}]`, `[{"a":1}]`)
	f(`"text"`, `"text"`)
	f(`{"a":`, `{"a":`)
	f(``, ``)
}
