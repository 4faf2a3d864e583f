package compat

import (
	"bytes"
	"encoding/json"

	"github.com/tidwall/gjson"

	"analytics/engine/fault"
	"analytics/ingest/decode"
)

// maxErrors is how many problems an answer lists; it counts the others.
const maxErrors = 100

// item is one thing that a body tells.
type item struct {
	value   gjson.Result
	problem *decode.Problem
}

// lists are the names under which clients wrap a list of items into an object.
var lists = []string{"logs", "usage_logs", "entries", "events", "records", "batch", "items", "data"}

// split finds the items of a body: an array, a line for each, one alone, or a list inside an
// object. Text is checked by encoding/json, which bounds how deep it may nest; gjson does not.
func split(text []byte) ([]item, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, broken("the body is empty")
	}
	if !json.Valid(text) {
		return splitLines(text)
	}
	whole := gjson.ParseBytes(text)
	if whole.IsObject() {
		for _, name := range lists {
			if list := whole.Get(name); list.IsArray() {
				whole = list
				break
			}
		}
	}
	if !whole.IsArray() {
		return bounded([]item{itemOf(whole)})
	}
	var all []item
	whole.ForEach(func(_, v gjson.Result) bool {
		all = append(all, itemOf(v))
		return len(all) <= decode.MaxEvents
	})
	return bounded(all)
}

// splitLines reads a body of which each line is JSON. Broken lines are counted, unless all are.
func splitLines(text []byte) ([]item, error) {
	var all []item
	good := false
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
		case json.Valid(line):
			all = append(all, itemOf(gjson.ParseBytes(line)))
			good = true
		default:
			all = append(all, item{problem: bad(decode.BrokenJSON, "the line is not JSON")})
		}
		if len(all) > decode.MaxEvents {
			break
		}
	}
	if !good {
		return nil, broken("the body is neither JSON nor one JSON object a line")
	}
	return bounded(all)
}

func itemOf(v gjson.Result) item {
	if !v.IsObject() {
		return item{problem: bad(decode.WrongType, "an item must be a JSON object")}
	}
	return item{value: v}
}

func bounded(all []item) ([]item, error) {
	if len(all) > decode.MaxEvents {
		return nil, fault.New(fault.TooLarge, "too_many_events",
			"the body has more than %d items; send them in several requests", decode.MaxEvents)
	}
	return all, nil
}

func bad(code decode.Code, text string) *decode.Problem {
	return &decode.Problem{Code: code, Text: text}
}
