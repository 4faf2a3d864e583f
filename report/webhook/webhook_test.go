package webhook_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"analytics/report/outbox"
	"analytics/report/webhook"
	"analytics/report/webhook/double"
)

var (
	loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	now      = time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
)

const other = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

func client(t testing.TB, d *double.Receiver, secrets ...string) *webhook.Client {
	t.Helper()
	d.Now = func() time.Time { return now }
	c, err := webhook.NewClient("ops", d.URL, secrets, loopback)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func parcel(t testing.TB, c *webhook.Client, l outbox.Letter) outbox.Parcel {
	t.Helper()
	form, err := c.Form(l)
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Parcel{Report: l.Report, Period: l.Period, Form: form, Now: now}
}

func TestASignedMessageArrives(t *testing.T) {
	d := double.New(t)
	c := client(t, d, double.Secret)
	id, _, err := c.Send(t.Context(), parcel(t, c, outbox.Samples()[0]))
	if err != nil || !strings.HasPrefix(id, "msg_") {
		t.Fatalf("%q, %v", id, err)
	}
	var b webhook.Body
	if err := json.Unmarshal([]byte(d.Bodies()[id]), &b); err != nil {
		t.Fatal(err)
	}
	if b.Type != "alert" || b.Data.Channel != "ops" || b.Data.Severity != "high" ||
		b.Data.Facts[0].Value != "$104.20" || b.Data.Tables[0].Rows[0][0] != "gpt-4o" ||
		b.Timestamp != time.Date(2026, 11, 20, 14, 3, 0, 0, time.UTC) {
		t.Errorf("body %+v", b)
	}
	empty := parcel(t, c, outbox.Samples()[1])
	want := `{"type":"report","timestamp":"0001-01-01T00:00:00Z","data":{"channel":"ops","report":"daily_cost_report",` +
		`"period":"2026-11-20","title":"","mood":"calm","lines":[],"facts":[],"tables":[],"notes":[]}}`
	if string(empty.Form) != want {
		t.Errorf("got  %s\nwant %s", empty.Form, want)
	}
}

// TestTheSignatureIsThatOfTheStandard holds the signature against the example of Standard Webhooks.
func TestTheSignatureIsThatOfTheStandard(t *testing.T) {
	key, err := webhook.ParseSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := webhook.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestOldAndNewSecretsBothVerify(t *testing.T) {
	d := double.New(t) // knows one secret
	for _, secrets := range [][]string{{double.Secret, other}, {other, double.Secret}} {
		c := client(t, d, secrets...)
		if _, _, err := c.Send(t.Context(), parcel(t, c, outbox.Samples()[0])); err != nil {
			t.Error(err)
		}
	}
}

func TestARecordedMessageDoesNotVerifyLater(t *testing.T) {
	key, err := webhook.ParseSecret(double.Secret)
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"a":1}`)
	h := http.Header{}
	h.Set("webhook-id", "msg_1")
	h.Set("webhook-timestamp", "1795248000") // 2026-11-21T08:00:00Z
	h.Set("webhook-signature", "v1,AAAA "+webhook.Sign(key, "msg_1", now, body))
	f := func(what string, at time.Time, body []byte, change func(http.Header), ok bool) {
		t.Helper()
		h := h.Clone()
		if change != nil {
			change(h)
		}
		if err := webhook.Verify(key, h.Get, body, at); (err == nil) != ok {
			t.Errorf("%s: %v", what, err)
		}
	}
	f("as sent", now, body, nil, true)
	f("within five minutes", now.Add(5*time.Minute), body, nil, true)
	f("later", now.Add(5*time.Minute+time.Second), body, nil, false)
	f("from the future", now.Add(-6*time.Minute), body, nil, false)
	f("another body", now, []byte(`{"a":2}`), nil, false)
	f("another id", now, body, func(h http.Header) { h.Set("webhook-id", "msg_2") }, false)
	f("another time", now, body, func(h http.Header) { h.Set("webhook-timestamp", "1795248001") }, false)
	f("no time", now, body, func(h http.Header) { h.Del("webhook-timestamp") }, false)
	f("no signature", now, body, func(h http.Header) { h.Del("webhook-signature") }, false)
}

func TestTheIDIsOfTheMessageAndNotOfTheAttempt(t *testing.T) {
	d := double.New(t)
	c := client(t, d, double.Secret)
	l := outbox.Samples()[0]
	l.Note.Lines = append(l.Note.Lines, "a < b & c > d") // JSON that is written in two ways
	p := parcel(t, c, l)
	kept, err := json.Marshal(struct{ M json.RawMessage }{p.Form}) // as the outbox keeps it
	if err != nil {
		t.Fatal(err)
	}
	var back struct{ M json.RawMessage }
	if err := json.Unmarshal(kept, &back); err != nil {
		t.Fatal(err)
	}
	first, _, err := c.Send(t.Context(), p)
	later := p
	later.Form, later.Now, later.Created = back.M, now.Add(time.Minute), now
	again, _, err2 := c.Send(t.Context(), later)
	if err != nil || err2 != nil || first != again {
		t.Errorf("%q, then %q; %v %v", first, again, err, err2)
	}
	l.Note.Lines = []string{"corrected"}
	if corrected, _, err := c.Send(t.Context(), parcel(t, c, l)); err != nil || corrected == first {
		t.Errorf("another message is %q, %v", corrected, err)
	}
	l = outbox.Samples()[0]
	l.Period = "other"
	if corrected, _, err := c.Send(t.Context(), parcel(t, c, l)); err != nil || corrected == first {
		t.Errorf("another period is %q, %v", corrected, err)
	}
}

func TestTheTemplateMakesTheBody(t *testing.T) {
	d := double.New(t)
	c := client(t, d, double.Secret)
	var err error
	if c.Template, err = outbox.ParseTemplate("", `{"text": {{json .Title}}, "n": {{len .Facts}}}`); err != nil {
		t.Fatal(err)
	}
	l := outbox.Samples()[0]
	l.Note.Title = "a \"b\"\n</script>"
	if got := string(parcel(t, c, l).Form); got != `{"text":"a \"b\"\n\u003c/script\u003e","n":3}` {
		t.Errorf("got %s", got)
	}
	if err := webhook.Try(c.Template); err != nil {
		t.Error(err)
	}
	bad, err := outbox.ParseTemplate("", `{"text": "{{.Headline}}"}`)
	if err != nil {
		t.Fatal(err)
	}
	c.Template = bad
	l.Note.Lines = []string{`not "JSON"`}
	if got := string(parcel(t, c, l).Form); !strings.Contains(got, "made no JSON") || !json.Valid([]byte(got)) {
		t.Errorf("got %s", got)
	}
	none, err := outbox.ParseTemplate("", "hello")
	if err != nil {
		t.Fatal(err)
	}
	if err := webhook.Try(none); err == nil {
		t.Error("a template that makes no JSON was taken")
	}
}

func TestAnswersDecideTheFate(t *testing.T) {
	d := double.New(t)
	c := client(t, d, double.Secret)
	f := func(status int, fate outbox.Fate, after time.Duration, header string) {
		t.Helper()
		d.Script(func(int) *double.Answer {
			return &double.Answer{Status: status, Body: "because " + double.Token,
				Header: map[string]string{"Retry-After": header}}
		})
		_, _, err := c.Send(t.Context(), parcel(t, c, outbox.Samples()[0]))
		r, ok := errors.AsType[*outbox.Refusal](err)
		if !ok || r.Fate != fate || r.After != after || r.Do == "" || !strings.Contains(r.Error(), "because") {
			t.Errorf("%d: %#v", status, err)
		}
		if strings.Contains(r.Error()+r.Do, double.Token) {
			t.Errorf("the error says the token: %v", r)
		}
	}
	f(429, outbox.Wait, 90*time.Second, now.Add(90*time.Second).Format(http.TimeFormat))
	f(503, outbox.Again, 20*time.Second, "20")
	f(500, outbox.Again, 0, "")
	f(404, outbox.Again, 0, "")
	f(401, outbox.Again, 0, "")
	f(410, outbox.Closed, 0, "")
	f(422, outbox.Bad, 0, "")
}

func TestAllSettingsThatAreWrongAreSaidAtOnce(t *testing.T) {
	f := func(address string, secrets []string, want ...string) {
		t.Helper()
		_, err := webhook.NewClient("ops", address, secrets, nil)
		if err == nil {
			t.Errorf("%s %s was taken", address, secrets)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v lacks %q", address, err, w)
			}
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error says the secret: %v", err)
		}
	}
	f("", nil, "url: it is missing", "secret: 1 to 4")
	f("http://h/s3cret", []string{"s3cret"}, "url: it must begin with https", "whsec_")
	f("https://h/x", []string{"whsec_c2hvcnQ="}, "24 to 64")
	f("https://h/x", []string{double.Secret, other, double.Secret, other, other}, "1 to 4")
}

// FuzzBody has any strings in a message: the body is JSON and stays the same when it is kept.
func FuzzBody(f *testing.F) {
	c, err := webhook.NewClient("ops", "https://h.example/x", []string{other}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("<a> & \u2028", "\xff", 3)
	f.Fuzz(func(t *testing.T, a, b string, n int) {
		note := outbox.Note{Title: a, Lines: []string{a, b}, Facts: []outbox.Fact{{Name: a, Value: b}}, Place: b,
			Tables: []outbox.Table{{
				Title: a, Columns: []outbox.Column{{Label: b}}, Rows: make([][]string, min(max(n, 0), 999)),
			}}}
		form, err := c.Form(outbox.Letter{Report: "r", Period: "p", Severity: a, Note: note})
		if err != nil || !json.Valid(form) {
			t.Fatalf("%v: %s", err, form)
		}
		kept, err := json.Marshal(form)
		if err != nil || string(kept) != string(form) {
			t.Errorf("%v: %s is kept as %s", err, form, kept)
		}
	})
}
