package double

import (
	"fmt"
	"strings"
)

const geminiUsage = `"usageMetadata":{"promptTokenCount":185,"candidatesTokenCount":5,` +
	`"totalTokenCount":410,"promptTokensDetails":[{"modality":"TEXT","tokenCount":185}],` +
	`"thoughtsTokenCount":220}`

var geminiErrors = map[string]string{
	"400": "INVALID_ARGUMENT", "401": "UNAUTHENTICATED", "429": "RESOURCE_EXHAUSTED",
	"500": "INTERNAL", "503": "UNAVAILABLE",
}

func gemini(q *ask) reply {
	if q.Header.Get("X-Goog-Api-Key") != Key {
		return geminiError("401")
	}
	_, verb, _ := strings.Cut(q.URL.Path, ":")
	switch {
	case q.wish == Status:
		return geminiError(q.status)
	case verb == "generateContent":
		return object(content(Text, q, true))
	case verb == "streamGenerateContent":
		return contentEvents(q)
	case verb == "batchEmbedContents" || verb == "embedContent":
		return object(`{"embeddings":[{"values":[0.5,-0.25]}],"embedding":{"values":[0.5,-0.25]}}`)
	case verb == "countTokens":
		return object(`{"totalTokens":31}`)
	}
	return geminiError("400")
}

func geminiError(status string) reply {
	a := object(fmt.Sprintf(`{"error":{"code":%s,"message":"The double says %s.","status":%q}}`,
		status, status, geminiErrors[status]))
	_, _ = fmt.Sscan(status, &a.status)
	return a
}

// content is an answer, or a part of one.
func content(words string, q *ask, last bool) string {
	parts := `{"text":"` + text(words) + `"}`
	if q.wish == Tools {
		parts = `{"functionCall":{"name":"weather","args":{"city":"Paris"}}},` +
			`{"functionCall":{"name":"weather","args":{"city":"Rome"}}}`
	}
	finish, usage := "", `"usageMetadata":{"promptTokenCount":185,"totalTokenCount":185}`
	if last {
		finish, usage = `,"finishReason":"STOP"`, geminiUsage
	}
	return `{"candidates":[{"content":{"parts":[` + parts + `],"role":"model"}` + finish +
		`,"index":0}],` + usage + `,"modelVersion":"` + GeminiModel + `","responseId":"gemini-double"}`
}

// contentEvents is a stream: with alt=sse of events, else an array that comes in pieces.
func contentEvents(q *ask) reply {
	words := Words
	if q.wish == Tools {
		words = words[:1]
	}
	var pieces []string
	for i, word := range words {
		last := i == len(words)-1
		part := content(word, q, last)
		switch {
		case q.URL.Query().Get("alt") == "sse":
			part = "data: " + part + "\r\n\r\n"
		case i == 0 && last:
			part = "[" + part + "\n]"
		case i == 0:
			part = "[" + part
		case last:
			part = "\n,\n" + part + "\n]"
		default:
			part = "\n,\n" + part
		}
		pieces = append(pieces, part)
	}
	if q.URL.Query().Get("alt") == "sse" {
		return events(pieces...)
	}
	return reply{status: 200, media: "application/json; charset=UTF-8", pieces: pieces}
}
