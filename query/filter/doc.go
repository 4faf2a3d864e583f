// Package filter reads the filter of a question, such as
//
//	provider==openai;model=~gpt-4*;status_code>=500;agent in writer,editor
//
// into conditions that all must hold. It owns the grammar and the limits on it. It knows no field:
// which names exist and what their values may be is the catalog's. It promises that text made by
// String reads back as the same conditions, and that no input makes it panic or loop.
package filter
