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
// What a caller may say about a call, all of it optional and none of it passed on:
//
//	X-Analytics-Key            our key, beside the provider's own; or send it as the API key itself
//	X-Analytics-User -Session -Agent -Prompt -Prompt-Version -Project -Conversation
//	X-Analytics-Property-<Name>
//	Helicone-User-Id -Session-Id -Prompt-Id -Request-Id -Property-<Name>
//	traceparent                is passed on as well
//	X-Analytics-Request-Id     in the answer: the id of the call's row
//
// A caller who left is status 499 and client_abort, whatever the upstream said. A stream that ends
// without its mark is upstream_truncated with the upstream's status. upstream_unreachable is 502,
// upstream_timeout 504 before an answer. Lists, files and counts of tokens have no row. Cookies, and
// headers by which an upstream would speak for our host, pass in neither direction.
//
// A batch of Anthropic's messages has a row without tokens when it is handed in (operation "batch",
// its requests as message_count), which costs nothing yet and counts as unpriced. When its results
// are fetched through the gateway each request that ran gets its own row, at the batch tier's price;
// fetching again adds none. Batches of others are files or jobs, and have no rows.
//
// Before a call goes on, the budgets it is in are asked (engine/budget) and the most it may cost is
// reserved: a token for each four bytes of the request, and as many for the answer as the call allows.
// A call that may not go on gets 402 (from Gemini's door 403), the reason, x-should-retry: false and
// X-Analytics-Resumes, which no official SDK tries again; one that only has to wait for calls under way
// or is slowed down gets 429 with Retry-After. Models whose price is known to be zero go on. When the
// process is killed, what calls under way cost is in no row, as ever, and in no budget.
//
// It never keeps or logs what was said, and never answers from its own mind: its errors have the
// provider's shape, and all else is the upstream's.
//
// httputil.ReverseProxy was the simpler way. It hides where a call's time goes, and cannot read an
// upstream to its end for a caller who has left. Bare, without keys, reading or rows, it adds 0.11 ms
// to a call where this adds 0.15, measured at 1,000 calls a second: most of either is the second hop.
package gateway
