package dialect

import (
	"encoding/json"
	"net/http"
)

// ErrorBody is an error of our own as the provider would write it, so that SDKs raise what their
// users catch. The code is for programs and goes where the shape has room for it; Anthropic's has
// none. Whether an SDK tries again is decided by its reading of the status and of the header
// x-should-retry, not by the body.
func (d *Dialect) ErrorBody(status int, code, message string) (contentType string, body []byte) {
	type object = map[string]any
	var v object
	switch d.shape {
	case shapeAnthropic:
		v = object{"type": "error", "error": object{
			"type": nameOf(anthropicErrors, status), "message": message}}
	case shapeGemini:
		v = object{"error": object{
			"code": status, "message": message, "status": nameOf(geminiErrors, status),
			"details": []object{{"@type": "type.googleapis.com/google.rpc.ErrorInfo",
				"reason": code, "domain": "analytics"}}}}
	default:
		v = object{"error": object{"message": message, "type": nameOf(openAIErrors, status),
			"param": nil, "code": code}}
	}
	body, err := json.Marshal(v)
	if err != nil {
		panic("dialect: an error of texts does not marshal: " + err.Error())
	}
	return "application/json", body
}

// The names of errors by status; 400 and 500 stand for their class.
var (
	openAIErrors = map[int]string{
		http.StatusBadRequest: "invalid_request_error", http.StatusPaymentRequired: "billing_error",
		http.StatusForbidden: "permission_error", http.StatusTooManyRequests: "rate_limit_error",
		http.StatusInternalServerError: "server_error",
	}
	anthropicErrors = map[int]string{
		http.StatusBadRequest:            "invalid_request_error",
		http.StatusUnauthorized:          "authentication_error",
		http.StatusPaymentRequired:       "billing_error",
		http.StatusForbidden:             "permission_error",
		http.StatusNotFound:              "not_found_error",
		http.StatusConflict:              "conflict_error",
		http.StatusRequestEntityTooLarge: "request_too_large",
		http.StatusTooManyRequests:       "rate_limit_error",
		http.StatusInternalServerError:   "api_error",
		http.StatusGatewayTimeout:        "timeout_error",
		529:                              "overloaded_error",
	}
	geminiErrors = map[int]string{
		http.StatusBadRequest:          "INVALID_ARGUMENT",
		http.StatusUnauthorized:        "UNAUTHENTICATED",
		http.StatusForbidden:           "PERMISSION_DENIED",
		http.StatusNotFound:            "NOT_FOUND",
		http.StatusConflict:            "ABORTED",
		http.StatusTooManyRequests:     "RESOURCE_EXHAUSTED",
		http.StatusInternalServerError: "INTERNAL",
		http.StatusNotImplemented:      "UNIMPLEMENTED",
		http.StatusBadGateway:          "UNAVAILABLE",
		http.StatusServiceUnavailable:  "UNAVAILABLE",
		http.StatusGatewayTimeout:      "DEADLINE_EXCEEDED",
	}
)

func nameOf(names map[int]string, status int) string {
	if name := names[status]; name != "" {
		return name
	}
	if status >= 500 {
		return names[http.StatusInternalServerError]
	}
	return names[http.StatusBadRequest]
}
