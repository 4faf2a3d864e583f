package dialect

// answer is what has been found of an answer, in all its events.
type answer struct {
	model, id, finish, tier string
	errorType, errorCode    string // error.type or error.status, and error.code if that is a word
	errorMessage            string

	failed   bool  // there is an error
	done     bool  // the terminator came
	calls    int64 // tools asked for, in events
	outCalls int64 // the same in the output of a whole response
	searches int64

	choice         uint   // whose place is read
	started, ended uint64 // choices that were begun and finished, a bit for each of the first 64
	call           call

	now, last chunk // the event that is read, and the one before
}

// chunk is what is known of one event.
type chunk struct {
	choices  bool // there is an array of choices
	content  bool // with something in it
	usage    bool // there is a usage object
	what     what
	item     what // what the output item of the event is
	finished bool // the choice being read has a reason to finish
	calls    int64
	searches int64
}

// onlyUsage reports whether the event is the one that OpenAI adds when usage is asked for.
func (c *chunk) onlyUsage() bool { return c.choices && !c.content && c.usage }

// what an event or an item of the answer is.
type what uint8

const (
	whatOther what = iota
	whatEnd
	whatError
	whatItem
	whatCall
	whatSearch
)

// whats are the values of `type` that matter.
var whats = map[string]what{
	"message_stop":               whatEnd, // Anthropic
	"response.completed":         whatEnd, // OpenAI's responses
	"response.incomplete":        whatEnd,
	"response.failed":            whatEnd,
	"transcript.text.done":       whatEnd, // OpenAI's sound and images
	"speech.audio.done":          whatEnd,
	"image_generation.completed": whatEnd,
	"image_edit.completed":       whatEnd,
	"interaction.complete":       whatEnd, // Gemini's interactions, before and after a rename
	"interaction.completed":      whatEnd,
	"error":                      whatError,
	"response.output_item.done":  whatItem,
	"step.start":                 whatItem,
	"tool_use":                   whatCall, // content of Anthropic's messages
	"function_call":              whatCall, // output for the caller to run
	"custom_tool_call":           whatCall,
	"computer_call":              whatCall,
	"local_shell_call":           whatCall,
	"shell_call":                 whatCall,
	"apply_patch_call":           whatCall,
	"web_search_call":            whatSearch,
}

// call is a tool call of a chat. A stream sends it in pieces, of which the first has id and name;
// some servers repeat both in every piece.
type call struct {
	open, named, again bool
	id                 string // of the last call that had one
}

// begin is the begin of a piece.
func (c *call) begin() { c.open, c.named, c.again = true, false, false }

// end is the end of a piece; it reports whether a call began in it.
func (c *call) end() bool {
	began := c.open && c.named && !c.again
	c.open = false
	return began
}

const (
	aModel slot = usages + 1 + iota
	aID
	aTier
	aType    // of an event
	aObject  // "error" on vLLM
	aStatus  // of a response
	aReason  // why a response is incomplete, or a message ended
	aChoices // the array
	aChoice
	aIndex
	aFinish
	aCall // a tool call of a chat
	aCallID
	aCallName
	aItem    // the type of an output item in an event
	aOutput  // the type of an output item of a response
	aContent // the type of a block of Anthropic's content
	aPart    // a function call of Gemini's
	aQuery   // a web search of Gemini's
	aEmbedded
	aDone // whether a stream of Ollama's is at its end
	aError
	aErrorType
	aErrorCode
	aErrorMessage
	aRootMessage
	aRootCode
)

var errorPaths = paths{
	"error": aError, "error.type": aErrorType, "error.status": aErrorType, "error.code": aErrorCode,
	"error.message": aErrorMessage,
}

// openAIRoot is where OpenAI's APIs have what we want, all of them: chat, completions, responses,
// embeddings, images, sound, in answers and in events.
var openAIRoot = tree(append([]paths{
	errorPaths, errorPaths.under("response"),
	responsePaths, responsePaths.under("response"),
	{
		"type": aType, "object": aObject, "message": aRootMessage, "code": aRootCode,
		"detail": aRootMessage, "detail.*.msg": aRootMessage,
		"item.type": aItem, "choices": aChoices, "choices.*": aChoice, "choices.*.index": aIndex,
		"choices.*.finish_reason": aFinish, "x_groq.error": aRootMessage, "x_groq.id": aID,
	},
	callPaths.under("choices.*.delta.tool_calls.*", "choices.*.message.tool_calls.*",
		"choices.*.delta.function_call", "choices.*.message.function_call"),
	{
		"choices.*.delta.tool_calls.*": aCall, "choices.*.message.tool_calls.*": aCall,
		"choices.*.delta.function_call": aCall, "choices.*.message.function_call": aCall,
	},
}, usageUnder(openAIUsageTree, "usage", "response.usage", "x_groq.usage", "choices.*.usage")...)...)

var responsePaths = paths{
	"model": aModel, "id": aID, "service_tier": aTier, "status": aStatus,
	"incomplete_details.reason": aReason, "output.*.type": aOutput,
}

var callPaths = paths{"id": aCallID, "name": aCallName, "function.name": aCallName,
	"custom.name": aCallName}

// anthropicRoot is where Anthropic's messages have it.
var anthropicRoot = tree(append([]paths{
	errorPaths,
	{
		"type": aType, "model": aModel, "id": aID, "stop_reason": aReason,
		"message.model": aModel, "message.id": aID, "message.stop_reason": aReason,
		"delta.stop_reason": aReason, "content.*.type": aContent, "content_block.type": aContent,
	},
}, usageUnder([]paths{anthropicUsage}, "usage", "message.usage")...)...)

// geminiRoot is where Gemini and Vertex have it.
var geminiRoot = tree(append([]paths{
	errorPaths,
	{
		"modelVersion": aModel, "responseId": aID, "candidates.*.finishReason": aFinish,
		"promptFeedback.blockReason": aFinish, "candidates.*.content.parts.*.functionCall": aPart,
		"candidates.*.groundingMetadata.webSearchQueries.*": aQuery,
		"predictions.*.embeddings.statistics.token_count":   aEmbedded,
		"event_type": aType, "step.type": aItem, "steps.*.type": aOutput,
		"interaction.steps.*.type": aOutput,
	},
	interactionPaths, interactionPaths.under("interaction"), errorPaths.under("interaction"),
}, usageUnder(geminiUsage, "usageMetadata", "usage", "interaction.usage")...)...)

var interactionPaths = paths{"model": aModel, "id": aID, "status": aStatus, "service_tier": aTier}

// ollamaRoot is where Ollama's own API has it.
var ollamaRoot = tree(paths{
	"model": aModel, "error": aError, "done": aDone, "done_reason": aReason,
	"message.tool_calls.*": aPart, "prompt_eval_count": cInput, "eval_count": cOutput,
})

// usageUnder is a usage object below paths.
func usageUnder(usage []paths, prefixes ...string) []paths {
	all := []paths{}
	for _, p := range usage {
		all = append(all, p.under(prefixes...))
	}
	object := paths{}
	for _, prefix := range prefixes {
		object[prefix] = uObject
	}
	return append(all, object)
}
