package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"analytics/engine/config"
	"analytics/report/outbox"
)

// canary is in every secret of the settings below.
const canary = "canary0123456789canary0123456789"

const channels = `report:
  discord: {webhook_url: "https://discord.com/api/webhooks/1/` + canary + `"}
  email: {smtp: "smtp://u:` + canary + `@mail.example:587", from: a@example.com, to: [b@example.com]}
  notify:
    - {name: ops, type: slack, url: "https://hooks.slack.com/services/T/B/${TOKEN}", for: [alerts], severities: [high, critical]}
    - name: hook
      type: webhook
      url: https://hook.example/in/` + canary + `
      secret: ${SIGN}
      template: |
        {"text": {{json .Title}}}
    - {name: hook2, type: webhook, url: "https://hook.example/x", secret: ["${SIGN}", "${SIGN}"]}
    - {name: team, type: discord, url: "https://discord.com/api/webhooks/2/` + canary + `", title: "{{.Title}}"}
    - {name: boss, type: email, smtp: "smtps://mail.example", from: a@example.com, to: [c@example.com], for: [reports]}
`

type whole struct {
	Report Config `yaml:"report"`
}

func load(t *testing.T, text string) (whole, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "analytics.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := whole{DefaultConfig()}
	return w, config.Load(path, []string{
		"TOKEN=" + canary, "SIGN=whsec_Y2FuYXJ5LXNlY3JldC10aGF0LW11c3QtbmV2ZXItYmUtc2Vlbg==",
	}, &w)
}

func TestChannelsOfAllTypesAreSetByName(t *testing.T) {
	w, err := load(t, channels)
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.Report.Channels(nil)
	var got []string
	for _, c := range all {
		got = append(got, fmt.Sprint(c.Name, c.Kind, c.Topics, c.Severities))
	}
	want := "discorddiscord[] [] emailemail[] [] opsslack[alerts] [high critical] hookwebhook[] [] " +
		"hook2webhook[] [] teamdiscord[] [] bossemail[reports] []"
	if err != nil || strings.Join(got, " ") != want {
		t.Errorf("got %v, %v", got, err)
	}
	shown, err := config.Show(w)
	if err != nil || !strings.Contains(shown, "hook2") || strings.Count(shown, "[redacted]") < 8 {
		t.Errorf("%v\n%s", err, shown)
	}
	all2 := shown + fmt.Sprintf("%v %+v %#v", w, w, w) + fmt.Sprintf("%v %+v", all, all)
	if strings.Contains(all2, canary) || strings.Contains(all2, "Y2FuYXJ5") {
		t.Error("a secret is shown")
	}
}

func TestAllThatIsWrongWithChannelsIsSaidAtOnce(t *testing.T) {
	w, err := load(t, `report:
  discord: {webhook_url: "https://evil.example/`+canary+`"}
  email: {smtp: "http://u:`+canary+`@x", from: nobody}
  notify:
    - {type: pigeon}
    - {name: ops, type: slack, url: "http://h/`+canary+`", for: [news], severities: [huge], secret: x}
    - {name: ops, type: webhook, url: "https://h/x", secret: `+canary+`, title: x}
    - name: words
      type: slack
      url: https://h/x
      template: "a\n{{.Amount}}"
    - {name: json, type: webhook, url: "https://h/x", secret: "${SIGN}", template: "no JSON"}
    - {name: discord, type: email}
`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Report.Channels(nil)
	if err == nil {
		t.Fatal("taken")
	}
	for _, want := range []string{
		"report.discord.webhook_url: the webhook must be on https://discord.com",
		"report.email.smtp: use smtp://", `report.email.from: "nobody" is not an address`, "report.email.to: 1 to 50",
		"report.notify[0].name: use up to 40", `report.notify[0].type: "pigeon" is not one of`,
		"report.notify[ops].url: it must begin with https://", `report.notify[ops].for: "news" is not one of`,
		`report.notify[ops].severities: "huge" is not one of low,`, "report.notify[ops].secret: a channel of type slack has none",
		"report.notify[ops].secret: use whsec_", "report.notify[ops].title: a channel of type webhook has none",
		"report.notify[ops].name: there is another channel of that name",
		"report.notify[words].template: line 2: .Amount: there is no field Amount",
		"report.notify[json].template: it makes the body of a webhook, which must be JSON",
		"report.notify[discord].name: there is another", "report.notify[discord].smtp: use smtp://",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q", want)
		}
	}
	if strings.Contains(err.Error(), canary) {
		t.Error("the error says a secret")
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestALetterGoesToChannelsOfItsSeverity(t *testing.T) {
	w := newWorld(t, "UTC", "2026-11-21T08:00")
	c, err := load(t, channels)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.press.Use(c.Report, nil); err != nil {
		t.Fatal(err)
	}
	f := func(topic, severity, want string) {
		t.Helper()
		var got []string
		entries, err := w.outbox.Enqueue(t.Context(), outbox.Letter{
			Report: "r", Period: topic + severity, Topic: topic, Severity: severity, Note: outbox.Note{Title: "t"},
		})
		for _, e := range entries {
			got = append(got, e.Channel)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s %s goes to %q, %v", topic, severity, got, err)
		}
	}
	f(outbox.Alerts, "low", "discord email hook hook2 team")
	f(outbox.Alerts, "high", "discord email hook hook2 ops team")
	f(outbox.Reports, "", "boss discord email hook hook2 team")
}
