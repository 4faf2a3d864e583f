package answer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"analytics/engine/event"
	"analytics/query/catalog"
)

func sample() *Answer {
	berlin := time.FixedZone("", 3600)
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, berlin)
	return &Answer{
		Columns: []Column{
			{Name: "time", Kind: KindTime, Type: catalog.Time},
			{Name: "model", Kind: KindDimension, Type: catalog.String},
			{Name: "requests", Kind: KindMetric, Type: catalog.Integer},
			{Name: "cost", Kind: KindMetric, Type: catalog.Decimal, Unit: "USD"},
			{Name: "avg_duration_ms", Kind: KindMetric, Type: catalog.Number, Unit: "ms"},
			{Name: "stream", Kind: KindDimension, Type: catalog.Boolean},
		},
		Rows: [][]any{
			{at, "gpt-4o", int64(3), event.NanoUSD(12_345_678), 340.5, true},
			{at, "=cmd()", int64(0), event.NanoUSD(0), nil, nil},
		},
		Totals: map[string]any{"requests": int64(3), "cost": event.NanoUSD(12_345_678)},
		Meta: Meta{
			From: at, To: at.AddDate(0, 0, 1), TZ: "Europe/Berlin", Interval: "day", Exact: true,
			Sources:   Sources{Cubes: []string{"ai_usage_hourly"}, RawRows: 7},
			Watermark: at, Elapsed: 1234 * time.Microsecond,
		},
	}
}

func TestJSON(t *testing.T) {
	got, err := json.Marshal(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"columns":[{"name":"time","kind":"time","type":"time"},` +
		`{"name":"model","kind":"dimension","type":"string"},` +
		`{"name":"requests","kind":"metric","type":"integer"},` +
		`{"name":"cost","kind":"metric","type":"decimal","unit":"USD"},` +
		`{"name":"avg_duration_ms","kind":"metric","type":"number","unit":"ms"},` +
		`{"name":"stream","kind":"dimension","type":"boolean"}],` +
		`"rows":[{"time":"2026-11-01T00:00:00+01:00","model":"gpt-4o","requests":3,` +
		`"cost":0.012345678,"avg_duration_ms":340.5,"stream":true},` +
		`{"time":"2026-11-01T00:00:00+01:00","model":"=cmd()","requests":0,"cost":0,` +
		`"avg_duration_ms":null,"stream":null}],` +
		`"totals":{"requests":3,"cost":0.012345678},` +
		`"meta":{"from":"2026-11-01T00:00:00+01:00","to":"2026-11-02T00:00:00+01:00",` +
		`"tz":"Europe/Berlin","interval":"day","exact":true,` +
		`"sources":{"cube":"ai_usage_hourly","cells":0,"raw_rows":7,"head_rows":0},` +
		`"watermark":"2026-11-01T00:00:00+01:00","elapsed_ms":1.23}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNDJSONAndCSV(t *testing.T) {
	var b bytes.Buffer
	if err := sample().WriteNDJSON(&b); err != nil || strings.Count(b.String(), "\n") != 2 {
		t.Errorf("%v: %s", err, b.String())
	}
	b.Reset()
	if err := sample().WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	want := "time,model,requests,cost,avg_duration_ms,stream\r\n" +
		"2026-11-01T00:00:00+01:00,gpt-4o,3,0.012345678,340.5,true\r\n" +
		"2026-11-01T00:00:00+01:00,'=cmd(),0,0,,\r\n"
	if b.String() != want {
		t.Errorf("got %q\nwant %q", b.String(), want)
	}
}

func TestMoneyIsExact(t *testing.T) {
	f := func(v int64, want string) {
		t.Helper()
		if got := string(AppendMoney(nil, event.NanoUSD(v))); got != want {
			t.Errorf("%d nano-USD is %s, want %s", v, got, want)
		}
	}
	f(0, "0")
	f(1, "0.000000001")
	f(1_000_000_000, "1")
	f(1_500_000_000, "1.5")
	f(-1_000_000_001, "-1.000000001")
	f(math.MaxInt64, "9223372036.854775807")
	f(math.MinInt64, "-9223372036.854775808")
}

// The cells that spreadsheets run as formulas, after OWASP, with what hides them.
func TestCSVCellsAreHarmless(t *testing.T) {
	starts := []string{"=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠"}
	hides := []string{"", " ", "  ", "\ufeff", "\u00a0", "\u3000", " \t", "\ufeff ", "\n"}
	for _, start := range starts {
		for _, hide := range hides {
			cell := hide + start + `HYPERLINK("http://e","x")`
			var b bytes.Buffer
			a := Answer{Columns: []Column{{Name: "path"}}, Rows: [][]any{{cell}}}
			if err := a.WriteCSV(&b); err != nil {
				t.Fatal(err)
			}
			lines, err := csv.NewReader(&b).ReadAll()
			if err != nil {
				t.Fatalf("%q: %v", cell, err)
			}
			if !strings.HasPrefix(lines[1][0], "'") {
				t.Errorf("%q is written %q", cell, lines[1][0])
			}
		}
	}
	for _, harmless := range []string{"", "gpt-4o", "a=b", "/index.html", "日本", "'x"} {
		if got := Safe(harmless); got != harmless {
			t.Errorf("%q became %q", harmless, got)
		}
	}
}

func TestStringsAreValidJSON(t *testing.T) {
	for _, s := range []string{"", "plain", "\"\\\n\x00", "</script>", "\xff\xfe", "\u2028", "日本"} {
		var back string
		if err := json.Unmarshal(AppendString(nil, s), &back); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, v := range []float64{0, 1, -1.5, 1e-9, 1e25, math.Inf(1), math.NaN()} {
		if !json.Valid(AppendCell(nil, v)) {
			t.Errorf("%v is written %s", v, AppendCell(nil, v))
		}
	}
}

func TestDecodeReadsWhatIsWritten(t *testing.T) {
	want, _ := json.Marshal(sample())
	back, err := Decode(bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	back.Meta.Sources, back.Meta.Watermark = sample().Meta.Sources, sample().Meta.Watermark
	back.Meta.Elapsed = sample().Meta.Elapsed
	if got, _ := json.Marshal(back); string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, v := range []int64{0, 1, -1, -500_000_000, 1_500_000_000, math.MaxInt64, math.MinInt64} {
		text := string(AppendMoney(nil, event.NanoUSD(v)))
		if got, err := ParseMoney(text); err != nil || int64(got) != v {
			t.Errorf("%s reads back as %d, %v", text, got, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	b, _ := json.Marshal(sample())
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := Decode(bytes.NewReader(b)); err == nil {
			_ = a.WriteCSV(&bytes.Buffer{})
		}
	})
}

func TestSampledReadsBack(t *testing.T) {
	a := sample()
	want := Sampled{Kept: 3, StandFor: 24, Scaled: []string{"tool_calls"}, Unscaled: []string{"users"}}
	a.Meta.Sampled = want
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	part := `"sampled":{"kept":3,"stand_for":24,"rate":0.125,"scaled":["tool_calls"],"unscaled":["users"]}`
	if !strings.Contains(string(data), part) {
		t.Errorf("got %s, want in it %s", data, part)
	}
	back, err := Decode(bytes.NewReader(data))
	if err != nil || !reflect.DeepEqual(back.Meta.Sampled, want) {
		t.Errorf("got %+v %v, want %+v", back, err, want)
	}
}
