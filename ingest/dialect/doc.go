// Package dialect knows what AI providers' requests and answers mean: which model was asked for and
// which answered, how many tokens that took, how it ended, and whether it ended at all.
//
// It owns the shapes of the OpenAI, Anthropic and Gemini APIs, and of those who speak like them
// (paths.go says which path is which API: a server for OpenAI's may serve Anthropic's too, and
// Vertex serves all three), the meaning of their token counts (usage.go), and how each of them
// writes an error (problem.go).
//
// It promises that an answer is read as it arrives, in pieces of any size, with a fixed amount of
// memory however long it is, and that no content is kept: of a text that is not a field of Facts or
// Request not even a copy is made. A count that a provider left out is missing, not zero. What does
// not follow the shape is skipped, never an error: the answer is the caller's, we only read along.
//
// It is pure: no clock, no network, no files. Compression is undone by whoever reads the network.
//
//	d, ok := dialect.ByName("openai")
//	q := d.Request(method, path, contentType, body)
//	r := d.Reader(q, status, header.Get("Content-Type"))
//	if body, ok := dialect.IncludeUsage(body); ok && q.CanIncludeUsage { r.HideUsage() }
//	for each piece { w.Write(r.Pass(piece)) }
//	w.Write(r.Rest())
//	f := r.Facts()
//
// The other way to read answers was to keep each event, or the whole body, and ask a JSON library
// for eight paths: it copies what must not be kept, takes the first of two equal keys where servers
// take the last, and needs a limit beyond which the cost of an answer is unknown.
package dialect
