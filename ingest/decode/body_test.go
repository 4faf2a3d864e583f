package decode

import (
	"strings"
	"testing"

	"analytics/engine/event"
	"analytics/engine/fault"
)

const (
	m1 = `{"type":"metric","name":"one"}`
	m2 = `{"type":"metric","name":"two"}`
)

func TestBodiesAreTakenApart(t *testing.T) {
	for _, c := range []struct {
		body     string
		lines    bool
		accepted int
		problems string
	}{
		{m1, false, 1, ""},
		{"\xef\xbb\xbf" + m1, false, 1, ""},
		{" \r\n\t" + m1 + " \n\n", false, 1, ""},
		{strings.ReplaceAll(m1, ",", ",\n  "), false, 1, ""},
		{"{\n\"type\"\n:\n\"metric\"\n,\n\"name\"\n:\n\"m\"\n}\n", false, 1, ""},
		{"[]", false, 0, ""},
		{" [ ] \n", false, 0, ""},
		{"[" + m1 + "]", false, 1, ""},
		{"\xef\xbb\xbf[\n" + m1 + ",\n" + m2 + "\n]\n", false, 2, ""},
		{"[" + m1 + ",{\"type\":\"metric\"}," + m2 + "]", false, 2, "1 missing_field: metric needs name"},
		{"[" + m1 + "]\n" + m1, true, 1, "0 wrong_type: an event must be a JSON object"},
		{m1 + "\n" + m2, false, 2, ""},
		{m1 + "\r\n" + m2 + "\r\n", false, 2, ""},
		{"\n\n" + m1 + "\n \t\r\n\n" + m2 + "\n\n", true, 2, ""},
		{"\xef\xbb\xbf" + m1 + "\n" + m2, true, 2, ""},
		{m1 + "\n{\"type\":\"metr", false, 1,
			"1 broken_json: broken JSON at byte 14: the string has no end"},
		{`{"type":` + "\n" + m1 + "\n" + m2, false, 2,
			"0 broken_json: broken JSON at byte 9: the text ends in the middle"},
		{m1 + "\n17\n\"x\"\n" + m2, true, 2, "1 wrong_type: an event must be a JSON object|" +
			"2 wrong_type: an event must be a JSON object"},
		{m1 + "\n" + `{"a":"` + strings.Repeat("x", 65536) + "\"}\n" + m2, true, 2,
			"1 too_large: the event is over 65536 bytes"},
	} {
		r := run(c.body, c.lines)
		if got := strings.Join(r.problems, "|"); r.err != nil || len(r.rows) != c.accepted ||
			got != c.problems {
			t.Errorf("%.100q\n got %d, %q, %v\nwant %d, %q",
				c.body, len(r.rows), got, r.err, c.accepted, c.problems)
		}
	}
}

func TestBodiesRefusedWhole(t *testing.T) {
	for _, c := range []struct {
		body  string
		lines bool
		kind  fault.Kind
		text  string
	}{
		{"", false, fault.Invalid, "broken JSON at byte 1: the body must be"},
		{"", true, fault.Invalid, "broken JSON at byte 1: the body is empty"},
		{"\n \n", true, fault.Invalid, "broken JSON at byte"},
		{"42", false, fault.Invalid, "broken JSON at byte 1: the body must be"},
		{"hello", false, fault.Invalid, "broken JSON at byte 1: the body must be"},
		{"hello\nworld", true, fault.Invalid,
			"no line of the body is JSON: broken JSON at byte 1: a value was expected"},
		{"[" + m1, false, fault.Invalid, "broken JSON at byte 32: the text ends in the middle"},
		{"[" + m1 + "," + m1[:12], false, fault.Invalid, "broken JSON at byte 45: "},
		{"[" + m1 + " " + m2 + "]", false, fault.Invalid, "broken JSON at byte 33: a comma or"},
		{"[" + m1 + "]" + m2, false, fault.Invalid, "broken JSON at byte 33: there is text behind"},
		{m1 + "," + m2, false, fault.Invalid, "broken JSON at byte 31: there is text behind"},
		{"[" + strings.Repeat(m1+",", 10_000) + m1 + "]", false, fault.TooLarge, "a body may hold"},
		{strings.Repeat(m1+"\n", 10_001), true, fault.TooLarge, "a body may hold at most 10000"},
		{"[" + strings.Repeat("[", 100_000), false, fault.Invalid, "broken JSON at byte 35: values"},
	} {
		r := run(c.body, c.lines)
		if r.err == nil || fault.Of(r.err).Kind != c.kind ||
			!strings.Contains(r.err.Error(), c.text) {
			t.Errorf("%.80q\n got %v\nwant %s", c.body, r.err, c.text)
		}
	}
	if r := run(strings.Repeat(m1+"\n", 10_000), true); r.err != nil || len(r.rows) != 10_000 {
		t.Errorf("10000 lines: got %d, %v", len(r.rows), r.err)
	}
}

func TestRawIsTheEventsText(t *testing.T) {
	body := "\n" + m1 + " \r\n\n  " + m2 + "\n"
	for _, c := range []struct {
		body  string
		lines bool
	}{{body, true}, {"[ " + m1 + "\n," + m2 + " ]", false}} {
		var d Decoder
		var e event.Event
		d.Reset([]byte(c.body), c.lines, window())
		for _, want := range []string{m1, m2} {
			if !d.Next(&e) {
				t.Fatalf("%q ended before %s", c.body, want)
			}
			raw, offset := d.Raw()
			if string(raw) != want || offset != strings.Index(c.body, want) {
				t.Errorf("%q: got %q at %d, want %q at %d",
					c.body, raw, offset, want, strings.Index(c.body, want))
			}
		}
	}
}
