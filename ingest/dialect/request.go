package dialect

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"strings"
)

// Request is what a request asks for.
type Request struct {
	Operation string // chat, embeddings …; empty if Billed is not set
	Endpoint  string // the path without what differs between servers, and without ids
	Model     string
	Stream    bool
	Messages  int    // how many, 0 where the API has none; of a batch its requests
	Tier      string // the service tier asked for
	User      string // the caller's own name for its user
	Prompt    string // a stored prompt's id
	Version   string // and its version

	// Billed says that a model works, and somebody pays: the request is recorded. Lists, counts of
	// tokens and uploads are not. A batch is recorded when it is handed in, without tokens.
	Billed bool
	// Results is the batch whose results are asked for, empty if none are: see NewResults.
	Results string
	// CanIncludeUsage says that the API would add usage to this stream if asked, and was not.
	CanIncludeUsage bool
	// AskedUsage says that the caller asked for it.
	AskedUsage bool

	shape shape
	whole bool // streams are usual here, and not wanted
}

const (
	qModel slot = 1 + iota
	qAgent
	qStream
	qOptions
	qInclude
	qMessages
	qInput
	qTier
	qUser
	qPrompt
	qVersion
	qTask
	qRequests
)

var requestRoot = tree(paths{
	"model": qModel, "agent": qAgent, "stream": qStream, "stream_options": qOptions,
	"stream_options.include_usage": qInclude, "messages.*": qMessages, "contents.*": qMessages,
	"input": qInput, "input.*": qMessages, "service_tier": qTier, "serviceTier": qTier, "user": qUser,
	"requests.*": qRequests, "requests.*.params.model": qModel, // of a batch
	"safety_identifier": qUser, "metadata.user_id": qUser, "prompt.id": qPrompt,
	"prompt.version": qVersion, "instances.*.task_type": qTask,
})

// Request says what a request asks for. The path is without query and not escaped, the body whole
// and not compressed. A body that is not what the API wants gives what can be found: the provider
// will say what is wrong with it.
func (d *Dialect) Request(method, path, contentType string, body []byte) Request {
	w := d.locate(method, path)
	q := Request{Operation: w.operation, Endpoint: w.endpoint, Model: w.model,
		Billed: w.operation != "", Results: w.batch, shape: w.shape}
	if !q.Billed {
		return q
	}
	media, params, _ := mime.ParseMediaType(contentType)
	if media == "multipart/form-data" {
		q.form(body, params["boundary"])
	} else {
		q.json(body)
	}
	q.Stream = q.Stream || w.stream && !q.whole
	if w.model != "" { // the path decides, not what a body claims
		q.Model = w.model
	}
	chat := w.suffix == "/chat/completions" || w.suffix == "/completions"
	q.CanIncludeUsage = chat && q.Stream && !q.AskedUsage
	if w.shape != shapeGemini && q.Operation != Chat && q.Operation != Batch {
		q.Messages = 0 // input of embeddings are texts, not messages
	}
	return q
}

func (q *Request) json(body []byte) {
	single := false
	s := scanner{root: requestRoot, take: func(s slot, k kind, v []byte) {
		is := k == literal && string(v) == "true"
		switch s {
		case qModel:
			take(&q.Model, k, v)
		case qAgent: // Gemini's agents are priced by the models they use
			if q.Model == "" {
				take(&q.Model, k, v)
			}
		case qStream:
			q.Stream, q.whole = is, !is && q.shape == shapeOllama
		case qOptions:
			if k != end {
				q.AskedUsage = false
			}
		case qInclude:
			q.AskedUsage = is
		case qMessages, qRequests:
			if k == begin && (s == qMessages || q.Operation == Batch) {
				q.Messages++
			}
		case qInput:
			single = k == text
		case qTier:
			take(&q.Tier, k, v)
		case qUser:
			take(&q.User, k, v)
		case qPrompt:
			take(&q.Prompt, k, v)
		case qVersion:
			take(&q.Version, k, v)
		case qTask:
			q.Operation = Embeddings
		}
	}}
	s.reset()
	s.write(body)
	s.finish()
	if single {
		q.Messages = 1
	}
}

// take assigns a text.
func take(to *string, k kind, v []byte) {
	if k == text {
		keep(to, v)
	}
}

// form reads a form with a file in it, such as a recording to be transcribed.
func (q *Request) form(body []byte, boundary string) {
	if boundary == "" {
		return
	}
	form := multipart.NewReader(bytes.NewReader(body), boundary)
	for range maxParts {
		p, err := form.NextRawPart()
		if err != nil {
			return
		}
		name := p.FormName()
		if p.FileName() != "" || name != "model" && name != "stream" && name != "user" {
			continue
		}
		v, err := io.ReadAll(io.LimitReader(p, maxCapture))
		if err != nil {
			return
		}
		switch text := strings.TrimSpace(string(v)); name {
		case "model":
			q.Model = text
		case "stream":
			q.Stream = text == "true"
		case "user":
			q.User = text
		}
	}
}

// maxParts is how many parts of a form are looked at; OpenAI's have at most some twenty.
const maxParts = 64
