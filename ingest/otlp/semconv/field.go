package semconv

// field is what an attribute is read into.
type field uint8

const (
	noField field = iota
	kindLangfuse
	kindOpenInference
	kindOperation
	kindGenkit
	kindVercel
	kindTraceloop
	kindRequestType
	kindMCP
	kindEvent
	eventKind
	model
	responseModel
	provider
	stream
	finishReason
	tier
	attempt
	messages
	input
	output
	total
	toolInput
	cacheRead
	cacheWrite
	cacheWrite1h
	reasoning
	audioInput
	audioOutput
	usageDetails
	providerMetadata
	cost
	costInput
	costOutput
	costDetails
	ttfb
	ttfbAt
	duration
	statusCode
	errorType
	errorText
	level
	success
	responseID
	requestID
	toolID
	tool
	entity
	server
	toolParameters
	decision
	resultBytes
	promptID
	promptVersion
	conversation
	session
	user
	agent
	task
	backend
	project
	propertyField
	fields
)

// fieldNames are the names of fields in attributes.txt.
var fieldNames = map[string]field{
	"kind.langfuse": kindLangfuse, "kind.openinference": kindOpenInference,
	"kind.operation": kindOperation, "kind.genkit": kindGenkit, "kind.vercel": kindVercel,
	"kind.traceloop": kindTraceloop, "kind.request_type": kindRequestType, "kind.mcp": kindMCP,
	"kind.event": kindEvent, "event.kind": eventKind,
	"model": model, "response_model": responseModel, "provider": provider, "stream": stream,
	"finish_reason": finishReason, "tier": tier, "attempt": attempt, "messages": messages,
	"input": input, "output": output, "total": total, "tool_input": toolInput,
	"cache_read": cacheRead, "cache_write": cacheWrite, "cache_write_1h": cacheWrite1h,
	"reasoning": reasoning, "audio_input": audioInput, "audio_output": audioOutput,
	"usage_details": usageDetails, "provider_metadata": providerMetadata,
	"cost": cost, "cost_input": costInput, "cost_output": costOutput, "cost_details": costDetails,
	"ttfb": ttfb, "ttfb_at": ttfbAt, "duration": duration, "status_code": statusCode,
	"error_type": errorType, "error": errorText, "level": level, "success": success,
	"response_id": responseID, "request_id": requestID, "tool_id": toolID,
	"tool": tool, "entity": entity, "server": server, "tool_parameters": toolParameters,
	"decision": decision, "result_bytes": resultBytes,
	"prompt_id": promptID, "prompt_version": promptVersion, "conversation": conversation,
	"session": session, "user": user, "agent": agent, "task": task, "backend": backend,
	"project": project,
}

// ofResource are the fields that a resource may give to all its records.
var ofResource = [fields]bool{session: true, user: true, project: true, conversation: true,
	agent: true, propertyField: true}
