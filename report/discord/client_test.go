package discord_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"analytics/report/discord"
	"analytics/report/discord/double"
	"analytics/report/outbox"
)

func client(t *testing.T, d *double.Discord) *discord.Client {
	t.Helper()
	c, err := discord.NewClient(d.URL, double.Allow())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPostAndEditForbidMentionsAndKeepLimits(t *testing.T) {
	d := double.New(t)
	c := client(t, d)
	huge := strings.Repeat("🙂 @everyone <@&1> ", 1000)
	fields := make([]discord.Field, 40)
	for i := range fields {
		fields[i] = discord.Field{Name: huge, Value: huge}
	}
	m := discord.Message{Content: huge, Embeds: []discord.Embed{{Title: huge, Fields: fields}}}
	id, _, err := c.Post(t.Context(), m)
	if err != nil || id != "1001" {
		t.Fatalf("got %q, %v", id, err)
	}
	if _, err := c.Edit(t.Context(), id, discord.Message{Content: "corrected"}); err != nil {
		t.Fatal(err)
	}
	if got := d.Messages(); len(got) != 1 || got[0].Content != "corrected" {
		t.Errorf("the channel shows %+v", got)
	}
	if got := d.Requests()[0].Message.Username; got != "analytics" {
		t.Errorf("username %q", got)
	}
}

func TestAnswersDecideTheFate(t *testing.T) {
	d := double.New(t)
	c := client(t, d)
	f := func(name string, a double.Answer, fate outbox.Fate, after time.Duration) {
		t.Helper()
		d.Script(func(double.Request) *double.Answer { return &a })
		_, _, err := c.Post(t.Context(), discord.Message{Content: "x"})
		r, ok := errors.AsType[*outbox.Refusal](err)
		if !ok || r.Fate != fate || r.After != after {
			t.Errorf("%s: got %#v, want fate %d after %v", name, err, fate, after)
		}
		if err != nil && strings.Contains(err.Error(), double.Token) {
			t.Errorf("%s: the error says the token: %v", name, err)
		}
	}
	h := func(kv ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return m
	}
	ms := time.Millisecond
	f("body", double.Answer{Status: 429, Body: `{"retry_after":0.3,"global":false}`}, outbox.Wait, 300*ms)
	f("header", double.Answer{Status: 429, Header: h("Retry-After", "0.75")}, outbox.Wait, 750*ms)
	f("longest", double.Answer{Status: 429, Body: `{"retry_after":1.5}`,
		Header: h("Retry-After", "1", "X-RateLimit-Reset-After", "2.25")}, outbox.Wait, 2250*ms)
	f("html", double.Answer{Status: 429, Body: "<html>", Header: h("Retry-After", "3600")},
		outbox.Wait, time.Hour)
	f("nothing", double.Answer{Status: 429}, outbox.Wait, 5*time.Second)
	f("negative", double.Answer{Status: 429, Body: `{"retry_after":-1}`}, outbox.Wait, 5*time.Second)
	f("NaN", double.Answer{Status: 429, Header: h("Retry-After", "NaN")}, outbox.Wait, 5*time.Second)
	f("absurd", double.Answer{Status: 429, Body: `{"retry_after":1e300}`}, outbox.Wait, 24*time.Hour)
	f("500", double.Answer{Status: 500}, outbox.Again, 0)
	f("503", double.Answer{Status: 503, Body: "<html>"}, outbox.Again, 0)
	f("dropped", double.Answer{Drop: true}, outbox.Again, 0)
	f("401", double.Answer{Status: 401}, outbox.Closed, 0)
	f("403", double.Answer{Status: 403}, outbox.Closed, 0)
	f("404", double.Answer{Status: 404, Body: `{"message":"Unknown Webhook","code":10015}`},
		outbox.Closed, 0)
	f("deleted", double.Answer{Status: 404, Body: `{"message":"Unknown Message","code":10008}`},
		outbox.Bad, 0)
	f("400", double.Answer{Status: 400, Body: `{"message":"` + double.Token + `"}`}, outbox.Bad, 0)
	f("302", double.Answer{Status: 302, Header: h("Location", "http://169.254.169.254/")},
		outbox.Closed, 0)
}

func TestLastOfWindowSaysPause(t *testing.T) {
	d := double.New(t)
	d.Script(func(double.Request) *double.Answer {
		return &double.Answer{Status: 200, Body: `{"id":"7"}`, Header: map[string]string{
			"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "0.5",
		}}
	})
	id, pause, err := client(t, d).Post(t.Context(), discord.Message{Content: "x"})
	if id != "7" || pause != 500*time.Millisecond || err != nil {
		t.Errorf("got %q, %v, %v", id, pause, err)
	}
}

func TestErrorsNeverSayTheToken(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	url := s.URL + "/api/webhooks/1/" + double.Token
	s.Close() // connection refused from here on
	c, err := discord.NewClient(url, double.Allow())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, _, refused := c.Post(ctx, discord.Message{Content: "x"})
	cancel()
	_, _, cancelled := c.Post(ctx, discord.Message{Content: "x"})
	_, bad := discord.NewClient("https://evil.example/api/webhooks/1/"+double.Token, nil)
	_, worse := discord.NewClient("https://discord.com:x/%zz"+double.Token, nil)
	for _, err := range []error{refused, cancelled, bad, worse} {
		if err == nil || strings.Contains(err.Error(), double.Token) {
			t.Errorf("got %v", err)
		}
	}
	if strings.Contains(c.Mark(), double.Token) {
		t.Error("the client's name says the token")
	}
}

func TestWebhookURLs(t *testing.T) {
	private := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	f := func(url string, allow []netip.Prefix, ok bool) {
		t.Helper()
		if _, err := discord.NewClient(url, allow); (err == nil) != ok {
			t.Errorf("NewClient(%q, %v): %v", url, allow, err)
		}
	}
	f("https://discord.com/api/webhooks/1/a-B_c", nil, true)
	f("https://DISCORD.com/api/v10/webhooks/1/abc?thread_id=5", nil, true)
	f("https://discordapp.com/api/webhooks/1/abc", nil, true)
	f("https://discord.com:443/api/webhooks/1/abc", nil, true)
	f("http://discord.com/api/webhooks/1/abc", nil, false)
	f("https://discord.com:8443/api/webhooks/1/abc", nil, false)
	f("https://discord.com.evil.example/api/webhooks/1/abc", nil, false)
	f("https://evil.example/api/webhooks/1/abc", nil, false)
	f("https://user:pw@discord.com/api/webhooks/1/abc", nil, false)
	f("https://discord.com/api/webhooks/1", nil, false)
	f("https://discord.com/api/webhooks/1/abc/slack", nil, false)
	f("https://discord.com/api/webhooks/1/../../abc", nil, false)
	f("ftp://discord.com/api/webhooks/1/abc", private, false)
	f("https://hooks.internal/x", private, true)
	f("http://10.1.2.3/x", private, true)
	f("", nil, false)
}

func TestOnlyAllowedAddressesAreDialled(t *testing.T) {
	hits := 0
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer s.Close()
	port := s.URL[strings.LastIndexByte(s.URL, ':'):]
	elsewhere := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, host := range []string{
		"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0.0.0.0", "[::1]",
		"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "[::127.0.0.1]", "[64:ff9b::7f00:1]",
	} {
		c, err := discord.NewClient("http://"+host+port+"/api/webhooks/1/abc", elsewhere)
		if err != nil {
			continue
		}
		if _, _, err := c.Post(t.Context(), discord.Message{Content: "x"}); err == nil {
			t.Errorf("%s was reached", host)
		}
	}
	if hits != 0 {
		t.Errorf("%d connections", hits)
	}
}
