// Package web is the plumbing under every door that speaks HTTP: routes with a scope, identities,
// errors as JSON, request ids, the access log, limits, request bodies, health, metrics, the server
// and the client that the command line uses.
//
// It promises that a handler runs only for who has its route's scope; that every error, also 404
// and 405, has the one shape {"error":{"code","message","field"}}; that everything a client sends
// has a limit (limits.go); that an answer cut short never looks complete; and that no log line
// holds a secret, a client's address or a raw line break.
//
// It knows nothing of events, questions or reports. Third-party: klauspost/compress, since its
// gzip is twice as fast as the standard library's and it has zstd; prometheus/client_golang for
// /metrics; schollz/progressbar, so that every long verb has the same bar.
package web
