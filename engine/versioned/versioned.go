// Package versioned marks rows of JSON with the number of their format, so that a program that is older than
// a row says so instead of taking it for damaged, or for something that it is not.
//
// It owns the member "format", which is the first of a row. Rows from before there was one have none, which is
// format 0; who reads them knows what was different then. Whoever changes what a row means raises its number,
// reads all numbers so far, and writes the newest.
package versioned

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"analytics/engine/fault"
)

// Marshal is v, which is a JSON object, with its format.
func Marshal(format int, v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	rest, object := bytes.CutPrefix(text, []byte("{"))
	if !object {
		return nil, fmt.Errorf("versioned: %T is no object", v)
	}
	row := fmt.Appendf(nil, `{"format":%d`, format)
	if !bytes.Equal(rest, []byte("}")) {
		row = append(row, ',')
	}
	return append(row, rest...), nil
}

// Unmarshal reads a row of a format up to the newest one that the caller knows into v. One of a newer format is
// refused as newer; what names it, such as "budget".
func Unmarshal(what string, newest int, row []byte, v any) error {
	var mark struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(row, &mark); err != nil {
		return err
	}
	if mark.Format < 0 {
		return errors.New("its format is no number")
	}
	if mark.Format > newest {
		return Newer(what, mark.Format)
	}
	return json.Unmarshal(row, v)
}

// Newer is the fault of what a newer version of the program wrote.
func Newer(what string, format int) error {
	return fault.New(fault.Newer, "store_newer", "a %s of the store has format %d, newer than this program knows; "+
		"start a newer version of the program", what, format)
}
