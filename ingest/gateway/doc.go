// Package gateway stands between AI clients and their providers: an SDK whose base URL points here
// works as before, and each of its calls is an ai_request.
//
//	/gateway/openai/v1/…   /gateway/anthropic/…   /gateway/gemini/…   /gateway/<name>/…
//
// It owns which upstream a call goes to, which key goes with it, what of a call's headers is for us
// and what for the provider, and the row that is kept of a call. What the bodies mean is in package
// dialect.
//
// It promises that a caller gets the upstream's status, headers and bytes as they come, piece by
// piece; that no key of ours and no cookie ever travels upstream; that no path, header or address
// leads to another host, or out of the path an upstream was given; that a call that was passed on
// has a row, also when the caller leaves or the upstream fails; and that recording never delays an
// answer. Rows are written together in the background: a call's row is durable some milliseconds
// after its answer, and an orderly end writes all of them.
//
// It never keeps or logs what was said, and never answers from its own mind: its errors have the
// provider's shape, and all else is the upstream's.
//
// httputil.ReverseProxy was the simpler way. It hides where a call's time goes, and cannot read an
// upstream to its end for a caller who has left.
package gateway
