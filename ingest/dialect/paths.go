package dialect

import (
	"net/http"
	"strings"
)

// What a request asks for, by the names of OpenTelemetry where it has one.
const (
	Chat            = "chat"
	TextCompletion  = "text_completion"
	GenerateContent = "generate_content"
	Embeddings      = "embeddings"
	Rerank          = "rerank"
	ImageGeneration = "image_generation"
	VideoGeneration = "video_generation"
	Transcription   = "transcription"
	Speech          = "speech"
)

// route is a path that is an AI request: it is recorded and, if the answer has usage, priced.
type route struct {
	suffix    string // of the path; what is before it differs from server to server
	operation string // empty: known, and free of charge or billed elsewhere
	shape     shape
}

// routes are the paths that POST to a model. Whoever serves one API may serve another beside it
// (vLLM and Ollama take Anthropic's messages, Anthropic and Gemini take OpenAI's chats), so that
// the path decides and not the upstream's dialect.
var routes = []route{
	{"/chat/completions", Chat, shapeOpenAI},
	{"/completions", TextCompletion, shapeOpenAI},
	{"/responses", Chat, shapeOpenAI},
	{"/responses/compact", Chat, shapeOpenAI},
	{"/embeddings", Embeddings, shapeOpenAI},
	{"/rerank", Rerank, shapeOpenAI},
	{"/images/generations", ImageGeneration, shapeOpenAI},
	{"/images/edits", ImageGeneration, shapeOpenAI},
	{"/images/variations", ImageGeneration, shapeOpenAI},
	{"/videos", VideoGeneration, shapeOpenAI},
	{"/audio/transcriptions", Transcription, shapeOpenAI},
	{"/audio/translations", Transcription, shapeOpenAI},
	{"/audio/speech", Speech, shapeOpenAI},
	{"/messages", Chat, shapeAnthropic},
	{batches, Batch, shapeAnthropic},
	{"/complete", TextCompletion, shapeAnthropic},
	{"/interactions", GenerateContent, shapeGemini},
	{"/api/chat", Chat, shapeOllama},
	{"/api/generate", TextCompletion, shapeOllama},
	{"/api/embed", Embeddings, shapeOllama},
}

// verbs are Gemini's, after the colon of models/{model}:verb.
var verbs = map[string]route{
	"generateContent":       {"", GenerateContent, shapeGemini},
	"streamGenerateContent": {"", GenerateContent, shapeGemini},
	"embedContent":          {"", Embeddings, shapeGemini},
	"batchEmbedContents":    {"", Embeddings, shapeGemini},
	"predict":               {"", ImageGeneration, shapeGemini}, // Imagen; text-embedding-*: below
	"predictLongRunning":    {"", VideoGeneration, shapeGemini},
	"rawPredict":            {"", Chat, shapeOpenAI}, // publishers' own APIs on Vertex
	"streamRawPredict":      {"", Chat, shapeOpenAI},
	"countTokens":           {"", "", shapeGemini},
	"batchGenerateContent":  {"", "", shapeGemini}, // priced when it is done, and not seen then
}

// where is what a path says.
type where struct {
	route
	endpoint string
	model    string
	stream   bool
	batch    string // whose results are asked for
}

// locate finds what a path is. The path is without query and not escaped.
func (d *Dialect) locate(method, path string) where {
	path = strings.TrimRight(path, "/")
	if i := strings.LastIndexByte(path, ':'); i > strings.LastIndexByte(path, '/') {
		if w, ok := modelVerb(path[:i], path[i+1:]); ok {
			if method != http.MethodPost {
				w.operation = ""
			}
			return w
		}
	}
	for _, r := range routes {
		if method == http.MethodPost && strings.HasSuffix(path, r.suffix) &&
			!strings.Contains(path, "/threads/") { // OpenAI's assistants keep messages there
			w := where{route: r, endpoint: "/v1" + r.suffix}
			if r.shape == shapeOllama {
				w.endpoint, w.stream = r.suffix, r.operation != Embeddings
			}
			if _, rest, ok := strings.Cut(path, "/deployments/"); ok { // Azure
				w.model, _, _ = strings.Cut(rest, "/")
			}
			return w
		}
	}
	return where{route: route{shape: d.shape}, endpoint: plain(path), batch: batchOf(method, path)}
}

// modelVerb is a path of Gemini's: …/models/{model}:{verb}.
func modelVerb(path, verb string) (where, bool) {
	r, ok := verbs[verb]
	if !ok {
		return where{}, false
	}
	w := where{route: r, endpoint: "/models/*:" + verb, stream: strings.HasPrefix(verb, "stream")}
	w.model = path[strings.LastIndexByte(path, '/')+1:]
	switch {
	case strings.Contains(path, "/publishers/anthropic/"):
		w.shape = shapeAnthropic
		w.model, _, _ = strings.Cut(w.model, "@")
	case verb == "predict" && strings.Contains(w.model, "embedding"):
		w.operation = Embeddings
	}
	return w, true
}

// maxPlain is how much of an unknown path is kept.
const maxPlain = 96

// plain is a path without what looks like an id: only words and versions stay.
func plain(path string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if b.Len()+len(part) > maxPlain {
			break
		}
		b.WriteByte('/')
		if isWord(part) {
			b.WriteString(part)
		} else {
			b.WriteByte('*')
		}
	}
	return b.String()
}

func isWord(part string) bool {
	if part == "v1" || part == "v1beta" || part == "v1alpha" || part == "v2" {
		return true
	}
	for _, c := range []byte(part) {
		if (c < 'a' || c > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return part != "" && len(part) <= 24
}
