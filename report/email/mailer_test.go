package email

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"analytics/report/outbox"
)

const password = "canary+Password/that:must@never#beseen"

// server is a real SMTP server in this process.
type server struct {
	mu       sync.Mutex
	got      []delivery
	say      func(verb string) error
	insecure int // commands of a mail outside TLS
	addr     string
	roots    *x509.CertPool
}

type delivery struct {
	from, user string
	to         []string
	raw        []byte
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s: s, c: c}, nil }

func (s *server) answer(verb string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.say == nil {
		return nil
	}
	return s.say(verb)
}

type session struct {
	s *server
	c *smtp.Conn
	d delivery
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain, sasl.Login} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if user != "robot@example.com" || pass != password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no: " + pass}
		}
		s.d.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if _, secure := s.c.TLSConnectionState(); !secure {
		s.s.mu.Lock()
		s.s.insecure++
		s.s.mu.Unlock()
	}
	s.d.from = from
	return s.s.answer("MAIL")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.d.to = append(s.d.to, to)
	return s.s.answer("RCPT")
}

func (s *session) Data(r io.Reader) (err error) {
	if s.d.raw, err = io.ReadAll(r); err != nil {
		return err
	}
	if err := s.s.answer("DATA"); err != nil {
		return err
	}
	s.s.mu.Lock()
	defer s.s.mu.Unlock()
	s.s.got = append(s.s.got, s.d)
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *server) deliveries() []delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]delivery(nil), s.got...)
}

// start runs a server with a certificate for 127.0.0.1; encrypted from the first byte, or with STARTTLS, or
// with none.
func start(t *testing.T, how string) *server {
	t.Helper()
	cert, roots := certificate(t)
	s := &server{roots: roots}
	srv := smtp.NewServer(s)
	srv.Domain, srv.AllowInsecureAuth = "mail.test", false
	srv.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	secure := &tls.Config{Certificates: []tls.Certificate{cert}}
	switch how {
	case "starttls":
		srv.TLSConfig = secure
	case "tls":
		l = tls.NewListener(l, secure)
	}
	done := make(chan struct{})
	go func() { srv.Serve(l); close(done) }()
	t.Cleanup(func() { l.Close(); srv.Close(); <-done })
	return s
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	if c, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(c)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

const account = "robot%40example.com:canary%2BPassword%2Fthat%3Amust%40never%23beseen@"

func (s *server) mailer(t *testing.T, format string) *Mailer {
	t.Helper()
	m, err := New(strings.ReplaceAll(format, "HERE", s.addr), "Analytics <a@example.com>",
		[]string{"b@example.com", "c@example.com"}, loopback)
	if err != nil {
		t.Fatal(err)
	}
	m.roots = s.roots
	return m
}

func parcel(t *testing.T, m *Mailer, n outbox.Note) outbox.Parcel {
	t.Helper()
	f, err := m.Form(outbox.Letter{Report: "daily_cost_report", Period: "2026-11-20", Note: n})
	if err != nil {
		t.Fatal(err)
	}
	return outbox.Parcel{Report: "daily_cost_report", Period: "2026-11-20", Form: f,
		Created: time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)}
}

var spent = outbox.Note{
	Title: "Costs · 2026-11-20", Mood: outbox.Alarming, Lines: []string{"$12.34 were spent, +20 %", "gpt-4o rose"},
	Facts: []outbox.Fact{{Name: "Left of budget", Value: "$87.66"}},
	Tables: []outbox.Table{{
		Title: "Models", Columns: []outbox.Column{{Label: "Model"}, {Label: "Cost", Right: true}},
		Rows: [][]string{{"gpt-4o", "$10.00"}, {"größe", "$2.34"}},
	}},
	Small: []string{"3 requests have no price"}, Place: "Europe/Berlin",
}

// parts reads a mail back the way a mail program does.
func parts(t *testing.T, raw []byte) (h netmail.Header, text, html string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for i := 0; ; i++ {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m.Header, text, html
		}
		if err != nil || p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Fatalf("part %d: %v, %v", i, p.Header, err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		switch kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); {
		case kind == "text/plain" && i == 0:
			text = strings.ReplaceAll(string(b), "\r\n", "\n")
		case kind == "text/html" && i == 1:
			html = string(b)
		default:
			t.Errorf("part %d is %s", i, kind)
		}
	}
}

func TestMailArrivesInTextAndHTML(t *testing.T) {
	for how, format := range map[string]string{
		"starttls": "smtp://" + account + "HERE", "tls": "smtps://" + account + "HERE", "none": "smtp://HERE?tls=off",
	} {
		s := start(t, how)
		m := s.mailer(t, format)
		id, _, err := m.Send(t.Context(), parcel(t, m, spent))
		got := s.deliveries()
		if err != nil || len(got) != 1 {
			t.Errorf("%s: %d mails, %v", how, len(got), err)
			continue
		}
		d := got[0]
		if d.from != "a@example.com" || strings.Join(d.to, " ") != "b@example.com c@example.com" ||
			(d.user == "") != (how == "none") || (s.insecure > 0) != (how == "none") {
			t.Errorf("%s: %+v, %d outside TLS", how, d, s.insecure)
		}
		h, text, html := parts(t, d.raw)
		subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
		date, err2 := h.Date()
		if err != nil || err2 != nil || subject != spent.Title || h.Get("Message-Id") != id ||
			!date.Equal(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)) || h.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("%s: header %v", how, h)
		}
		for _, want := range []string{"$12.34 were spent, +20 %", "- gpt-4o rose", "Left of budget: $87.66",
			"Model     Cost\ngpt-4o  $10.00\ngröße    $2.34\n", "- 3 requests have no price", "2026-11-20 · Europe/Berlin"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the text lacks %q:\n%s", how, want, text)
			}
		}
		for _, want := range []string{"<strong>$12.34 were spent, &#43;20 %</strong>", ">größe</td>", "$87.66"} {
			if !strings.Contains(html, want) {
				t.Errorf("%s: the HTML lacks %q:\n%s", how, want, html)
			}
		}
	}
}

func TestStringsOfAnybodyDoNothingInMail(t *testing.T) {
	s := start(t, "starttls")
	m := s.mailer(t, "smtp://"+account+"HERE")
	evil := "x\r\nBcc: victim@example.com\r\n\r\n" +
		"<script>alert(1)</script><img src=x onerror=y>\u202e https://evil.example/ www.evil.example"
	n := outbox.Note{Title: evil, Lines: []string{evil, evil}, Facts: []outbox.Fact{{Name: evil, Value: evil}},
		Tables: []outbox.Table{{
			Title: evil, Note: evil, Columns: []outbox.Column{{Label: evil}}, Rows: [][]string{{evil, evil}},
		}},
		Small: []string{evil}, Place: evil}
	if _, _, err := m.Send(t.Context(), parcel(t, m, n)); err != nil {
		t.Fatal(err)
	}
	d := s.deliveries()[0]
	h, text, html := parts(t, d.raw)
	if h.Get("Bcc") != "" || len(d.to) != 2 {
		t.Errorf("a recipient was added: %v %v", h, d.to)
	}
	for _, bad := range []string{"<script", "<img", "https://", "www.evil", "\u202e", "\r\nBcc"} {
		if strings.Contains(html, bad) {
			t.Errorf("the HTML has %q", bad)
		}
	}
	for _, bad := range []string{"https://", "www.evil", "\u202e", "\nBcc"} {
		if strings.Contains(text, bad) {
			t.Errorf("the text has %q", bad)
		}
	}
}

func TestAnswersDecideTheFateAndNameNoSecret(t *testing.T) {
	s := start(t, "starttls")
	f := func(what string, m *Mailer, verb string, answer error, fate outbox.Fate, status int) {
		t.Helper()
		s.mu.Lock()
		s.say = func(v string) error {
			if v == verb {
				return answer
			}
			return nil
		}
		s.mu.Unlock()
		_, _, err := m.Send(t.Context(), parcel(t, m, spent))
		r, ok := errors.AsType[*outbox.Refusal](err)
		if !ok || r.Fate != fate || r.Status != status {
			t.Errorf("%s: %#v", what, err)
			return
		}
		if r.Do == "" && !strings.Contains(r.Error(), "network.allow") {
			t.Errorf("%s: does not say what to do: %v", what, r)
		}
		for _, part := range []string{"canary", "never"} {
			if strings.Contains(r.Error()+r.Do, part) {
				t.Errorf("%s: says the password: %v", what, r)
			}
		}
	}
	code := func(n int, text string) error {
		return &smtp.SMTPError{Code: n, EnhancedCode: smtp.EnhancedCode{n / 100, 0, 0}, Message: text}
	}
	m := s.mailer(t, "smtp://"+account+"HERE")
	f("greylisted", m, "RCPT", code(451, "later"), outbox.Again, 451)
	f("no such user", m, "RCPT", code(550, "nobody here"), outbox.Bad, 550)
	f("refused as spam", m, "DATA", code(554, "spam"), outbox.Bad, 554)
	f("full", m, "DATA", code(452, "full"), outbox.Again, 452)
	wrong := s.mailer(t, "smtp://robot%40example.com:canary-wrong-never@HERE")
	f("wrong password", wrong, "", nil, outbox.Closed, 535)
	stranger := s.mailer(t, "smtp://"+account+"HERE")
	stranger.roots = x509.NewCertPool()
	f("unknown authority", stranger, "", nil, outbox.Again, 0)
	plain := start(t, "none")
	f("no STARTTLS", plain.mailer(t, "smtp://"+account+"HERE"), "", nil, outbox.Again, 0)
	if plain.insecure > 0 || len(plain.deliveries()) > 0 {
		t.Error("something was sent without TLS")
	}
	outside := s.mailer(t, "smtp://"+account+"HERE")
	outside.guard.Allow = nil
	f("a private address", outside, "", nil, outbox.Again, 0)
}

func TestAllSettingsThatAreWrongAreSaidAtOnce(t *testing.T) {
	f := func(server, from string, to []string, want ...string) {
		t.Helper()
		_, err := New(server, from, to, nil)
		if err == nil {
			t.Errorf("%s was taken", server)
			return
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %v lacks %q", server, err, w)
			}
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error says the password: %v", err)
		}
	}
	one := []string{"b@example.com"}
	f("http://u:s3cret@h", "nobody", nil, "smtp:", "from:", "to:")
	f("smtp://u:s3cret@h:99999", "a@b.c", one, "port")
	f("smtp://u:s3cret@h?tls=off", "a@b.c", one, "without TLS")
	f("smtps://h?tls=off", "a@b.c", one, "?tls=off")
	f("smtp://h?x=1", "a@b.c", one, "?tls=off")
	f("smtp://h", "a@b.c", []string{"x", "y"}, `"x"`, `"y"`)
	f("smtp://u:s3c%zzret@h", "a@b.c", one, "smtp:")
}

func TestTheSameLetterHasTheSameMessageID(t *testing.T) {
	m, err := New("smtp://h", "a@example.com", []string{"b@example.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := parcel(t, m, spent)
	first := m.messageID(p)
	if again := m.messageID(p); again != first || !strings.HasSuffix(first, "@example.com") {
		t.Errorf("%s, then %s", first, again)
	}
	p.Period = "2026-11-21"
	if m.messageID(p) == first {
		t.Error("two letters have one id")
	}
}
