// Package sdktest holds the test that the official SDKs of OpenAI, Anthropic and Google, in Go and
// JavaScript, work through the gateway as they do without it, and that what they did is recorded
// with the right tokens and the right cost. The real binary runs between the SDKs and a double of
// their providers (../double).
//
// It is a module of its own because the product must not depend on SDKs: run it with `go test ./...`
// in this folder. JavaScript needs node and npm, which fetches the SDKs into a temporary folder;
// without them those tests are skipped and say so, and with ANALYTICS_TEST_STRICT=1 that is an error.
// ANALYTICS_BINARY names a binary to test instead of building one.
package sdktest
