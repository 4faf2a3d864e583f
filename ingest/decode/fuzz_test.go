package decode

import (
	"bytes"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"analytics/engine/event"
)

// valid is what the scanner must accept: the grammar by encoding/json, and what that package lets
// through besides (broken UTF-8, lone surrogates, any depth).
func valid(text []byte) bool {
	return json.Valid(text) && utf8.Valid(text) && !loneSurrogate(text) && depth(text) <= MaxDepth
}

func loneSurrogate(text []byte) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if text[i] != 'u' {
			continue
		}
		r := unit(text[i+1:])
		i += 4
		if !utf16.IsSurrogate(r) {
			continue
		}
		if i+6 >= len(text) || text[i+1] != '\\' || text[i+2] != 'u' ||
			utf16.DecodeRune(r, unit(text[i+3:])) == utf8.RuneError {
			return true
		}
		i += 6
	}
	return false
}

func unit(hex []byte) rune {
	r := rune(0)
	for _, c := range hex[:4] {
		r = r<<4 + rune(strings.IndexByte("0123456789abcdef", c|0x20))
		if c <= '9' {
			r = r&^15 | rune(c-'0')
		}
	}
	return r
}

func depth(text []byte) (deepest int) {
	level, dec := 0, json.NewDecoder(bytes.NewReader(text))
	for {
		token, err := dec.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			level++
			deepest = max(deepest, level)
		case json.Delim('}'), json.Delim(']'):
			level--
		}
	}
}

func seeds(f *testing.F) {
	for _, line := range brokenLines {
		f.Add([]byte(line))
	}
	for _, s := range []string{
		aiLine, m1, "[" + m1 + "," + m2 + "]", `{"a":[1,-2.5e+3,{"b":null}],"type":"metric","name":"é"}`,
		`{"type":"metric","name":"\ud83d\ude00\"\\\/\b\f\n\r\t","value":1e-7}`,
		`{"type":"ai_request","model":"m","cost_usd":"0.1","timestamp":1795219200.5,` +
			`"properties":{"b":1,"a":"x"}}`,
		`{"request":{"model":"m","size_bytes":1e2},"routing":{"mcp_servers":["a","b"]}}`,
	} {
		f.Add([]byte(s))
	}
}

// FuzzGrammar holds the scanner against encoding/json as an oracle.
func FuzzGrammar(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, text []byte) {
		s := scanner{b: text, clean: utf8.Valid(text)}
		s.space()
		got := s.skip(0)
		s.space()
		got = got && s.p == len(text) && utf8.Valid(text)
		if want := valid(text); got != want {
			t.Errorf("%q: got %v (%s at %d), want %v", text, got, s.wrong, s.p, want)
		}
	})
}

// FuzzEvent holds what becomes of one object against encoding/json.
func FuzzEvent(f *testing.F) {
	seeds(f)
	var d Decoder
	f.Fuzz(func(t *testing.T, text []byte) {
		text = bytes.TrimLeft(text, " \t\r\n")
		if len(text) == 0 || text[0] != '{' {
			t.Skip()
		}
		var e, other event.Event
		w := Window{Now: now, To: 1 << 60}
		d.Reset(append([]byte("["), append(bytes.Clone(text), ']')...), false, w)
		read := d.Next(&e)
		problem := d.Problem()
		for read && d.Next(&other) {
		}
		got := d.Err() == nil && d.Count() == 1
		if want := valid(text); got != want {
			t.Fatalf("%q: got %v and %d events, want valid %v", text, d.Err(), d.Count(), want)
		}
		if !got || problem != nil {
			return
		}
		compare(t, text, &e)
		if !e.Has(event.EventID) {
			e.SetID(event.EventID, []byte("id"))
		}
		var back event.Event
		row := e.AppendRow(nil)
		if err := back.DecodeRow(e.Kind, row); err != nil {
			t.Fatalf("%q: the row does not read back: %v", text, err)
		}
	})
}

// compare checks the fields of an accepted event against the oracle's map.
func compare(t *testing.T, text []byte, e *event.Event) {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var m map[string]any
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	for i, field := range e.Kind.Fields() {
		v, given := m[field.Name]
		if field.Derived || !given || !e.Has(i) || hasSections(m) {
			continue
		}
		switch actionOf(field) {
		case readText:
			if string(e.Text(i)) != v.(string) {
				t.Errorf("%q: %s is %q", text, field.Name, e.Text(i))
			}
		case readID:
			if event.IDText(e.Text(i)) != v.(string) {
				t.Errorf("%q: %s is %q", text, field.Name, e.Text(i))
			}
		case readInt, readStatus:
			if field.Name == "cache_write_tokens" {
				continue
			}
			want, ok := new(big.Rat).SetString(string(v.(json.Number)))
			if !ok || want.Cmp(new(big.Rat).SetInt64(e.Int(i))) != 0 {
				t.Errorf("%q: %s is %d", text, field.Name, e.Int(i))
			}
		case readBool:
			if e.Bool(i) != v.(bool) {
				t.Errorf("%q: %s is %v", text, field.Name, e.Bool(i))
			}
		case readMillis:
			near(t, text, v.(json.Number), 1000, e.Int(i))
		}
	}
	if v, ok := m["cost_usd"].(json.Number); ok && e.Kind == event.AIRequest {
		near(t, text, v, 1e9, e.Int(event.AIClientCost))
	}
	if v, ok := m["timestamp"].(string); ok && e.Timed {
		at, err := time.Parse(time.RFC3339Nano, strings.ToUpper(strings.Replace(v, " ", "T", 1)))
		if err != nil || event.MicrosOf(at) != e.Time() {
			t.Errorf("%q: timestamp is %v, want %v, %v", text, e.Time().Time(), at, err)
		}
	}
	if p := e.Text(event.PropertiesField); p != nil && !valid(p) {
		t.Errorf("%q: properties are %s", text, p)
	}
}

func hasSections(m map[string]any) bool {
	for i := range sections {
		if m[sections[i].name] != nil {
			return true
		}
	}
	return false
}

// near checks that got is the number times unit, rounded half to even.
func near(t *testing.T, text []byte, number json.Number, unit, got int64) {
	t.Helper()
	if strings.ContainsAny(string(number), "eE") {
		return // exponents as large as the fuzzer makes them take big.Rat forever
	}
	want, _ := new(big.Rat).SetString(string(number))
	want.Mul(want, new(big.Rat).SetInt64(unit)).Sub(want, new(big.Rat).SetInt64(got))
	half := big.NewRat(1, 2)
	if c := want.Abs(want).Cmp(half); c > 0 || c == 0 && got&1 == 1 {
		t.Errorf("%q: got %d, off by %s", text, got, want.FloatString(6))
	}
}

// FuzzBody runs whole bodies: nothing may panic, hang or count wrong.
func FuzzBody(f *testing.F) {
	f.Add([]byte(m1+"\n"+m2+"\r\n\n{"), true)
	f.Add([]byte("\xef\xbb\xbf["+m1+","+m2+"]"), false)
	var d Decoder
	f.Fuzz(func(t *testing.T, body []byte, asLines bool) {
		var e event.Event
		d.Reset(body, asLines, Window{Now: now, To: 1 << 60})
		n := 0
		for d.Next(&e) {
			if raw, offset := d.Raw(); !bytes.Equal(body[offset:offset+len(raw)], raw) {
				t.Fatalf("%q: raw text %q is not at %d", body, raw, offset)
			}
			if p := d.Problem(); p != nil && (p.Index != n || p.Message() == "") {
				t.Fatalf("%q: event %d has problem %+v", body, n, p)
			}
			n++
		}
		if d.Err() == nil && n != d.Count() {
			t.Fatalf("%q: got %d events, count says %d", body, n, d.Count())
		}
		if d.Err() == nil && n == 0 && len(bytes.TrimLeft(body, "\xef\xbb\xbf \t\r\n[")) == len(body) {
			t.Fatalf("%q: no event and no error", body)
		}
	})
}
