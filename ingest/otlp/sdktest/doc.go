// Package sdktest holds the test that the real OpenTelemetry exporters, in Go and JavaScript, work
// with the doors for OTLP: traces over HTTP and gRPC, logs and metrics, compressed and plain, with
// protobuf and JSON, and what they do when they are refused or asked to come again.
//
// It is a module of its own because the product must not depend on SDKs: run it with `go test ./...`
// in this folder. JavaScript needs node and npm, which fetches the SDKs into a temporary folder;
// without them those tests are skipped and say so, and with ANALYTICS_TEST_STRICT=1 that is an error.
package sdktest
