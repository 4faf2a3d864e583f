package email

import (
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"analytics/engine/store"
	"analytics/engine/store/storetest"
	"analytics/report/outbox"
)

// post is an outbox with one mailer, on a real store.
func post(t *testing.T, m *Mailer, now *time.Time) *outbox.Outbox {
	t.Helper()
	s, err := store.Open(t.Context(), store.Config{
		Space: storetest.Room, Dir: t.TempDir(), MemTableSize: 8 << 20, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	o, err := outbox.Open(s.Shelf(store.Default, "outbox"), func() time.Time { return *now },
		func() float64 { return 0.5 }, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	o.Use(outbox.Channel{Name: "email", Kind: "email", Sender: m})
	return o
}

func TestAGreylistedMailArrivesOnce(t *testing.T) {
	s := start(t, "starttls")
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	o := post(t, s.mailer(t, "smtp://"+account+"HERE"), &now)
	tries := 0
	s.say = func(verb string) error {
		if tries++; verb == "RCPT" && now.Before(time.Date(2026, 11, 21, 8, 5, 0, 0, time.UTC)) {
			return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "greylisted, come again"}
		}
		return nil
	}
	if _, err := o.Enqueue(t.Context(), outbox.Letter{Report: "r", Period: "p", Note: spent}); err != nil {
		t.Fatal(err)
	}
	for next := now; !next.IsZero(); {
		now = next
		next = o.Deliver(t.Context()).Next
	}
	e, _ := o.Find("r", "p")
	if n := len(s.deliveries()); n != 1 || e.State != outbox.Delivered || e.Attempts < 5 || e.MessageID == "" {
		t.Errorf("%d mails; %+v", n, e)
	}
}

func TestARefusedMailIsDeadAndAWrongPasswordClosesTheChannel(t *testing.T) {
	s := start(t, "tls")
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	o := post(t, s.mailer(t, "smtps://"+account+"HERE"), &now)
	s.say = func(verb string) error {
		if verb == "DATA" {
			return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "spam"}
		}
		return nil
	}
	put := func(period string) {
		if _, err := o.Enqueue(t.Context(), outbox.Letter{Report: "r", Period: period, Note: spent}); err != nil {
			t.Fatal(err)
		}
		o.Deliver(t.Context())
	}
	put("1")
	if e, _ := o.Find("r", "1"); e.State != outbox.Dead || !strings.Contains(e.Problem, "answered 554") || e.Attempts != 1 {
		t.Errorf("a refused mail is %+v", e)
	}
	o.Use(outbox.Channel{Name: "email", Kind: "email", Sender: s.mailer(t, "smtps://robot%40example.com:wrong-wrong@HERE")})
	put("2")
	put("3")
	if e, _ := o.Find("r", "2"); e.State != outbox.Pending || o.Status().Webhook != "closed" || len(o.Warnings()) != 2 {
		t.Errorf("%+v, %+v, %q", e, o.Status(), o.Warnings())
	}
	s.mu.Lock()
	s.say = nil
	s.mu.Unlock()
	// Another password is another place: it is open at once, and what waited goes there.
	o.Use(outbox.Channel{Name: "email", Kind: "email", Sender: s.mailer(t, "smtps://"+account+"HERE")})
	o.Deliver(t.Context())
	if n := len(s.deliveries()); n != 2 {
		t.Errorf("%d mails with the right password", n)
	}
}

// TestAServerWithoutTLSIsNotTalkedTo has somebody in between who takes STARTTLS out of what the server
// offers, or answers it with no, or with nonsense: neither password nor mail is said.
func TestAServerWithoutTLSIsNotTalkedTo(t *testing.T) {
	for what, answer := range map[string]string{
		"stripped": "", "refused": "454 4.7.0 TLS not available\r\n", "nonsense": "220 go ahead\r\n250 not TLS\r\n",
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		said := make(chan string, 1)
		go func() { said <- between(l, answer) }()
		m, err := New("smtp://"+account+l.Addr().String(), "a@example.com", []string{"b@example.com"}, loopback)
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = m.Send(t.Context(), parcel(t, m, spent))
		l.Close()
		heard := <-said
		if err == nil || strings.Contains(heard, "AUTH") || strings.Contains(heard, "MAIL") {
			t.Errorf("%s: %v; heard %q", what, err, heard)
		}
	}
}

// between speaks SMTP without TLS and says what it heard.
func between(l net.Listener, starttls string) string {
	c, err := l.Accept()
	if err != nil {
		return ""
	}
	defer c.Close()
	io.WriteString(c, "220 mail.test ESMTP\r\n")
	var heard strings.Builder
	b := make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err != nil {
			return heard.String()
		}
		heard.Write(b[:n])
		switch line := string(b[:n]); {
		case strings.HasPrefix(line, "EHLO") && starttls != "":
			io.WriteString(c, "250-mail.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n")
		case strings.HasPrefix(line, "EHLO"):
			io.WriteString(c, "250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n")
		case strings.HasPrefix(line, "STARTTLS"):
			io.WriteString(c, starttls)
		case strings.HasPrefix(line, "QUIT"):
			return heard.String()
		default:
			io.WriteString(c, "250 ok\r\n")
		}
	}
}
