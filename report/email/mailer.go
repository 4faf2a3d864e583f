package email

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"analytics/engine/outbound"
	"analytics/report/outbox"
)

// sendTimeout is for each step with the server.
const sendTimeout = 20 * time.Second

// maxRecipients keeps a channel what it is: some people of a team, not a newsletter.
const maxRecipients = 50

// Mailer sends to the recipients of one channel.
type Mailer struct {
	// Template words messages; nil for the usual words.
	Template       *outbox.Template
	host           string
	port           int
	tls            tlsUse
	user, password string
	from           string
	to             []string
	guard          outbound.Guard
	roots          *x509.CertPool // nil: the system's
}

type tlsUse int

const (
	startTLS tlsUse = iota // asked for, and nothing is sent without it
	implicit               // from the first byte
	off                    // for a relay on the same machine or network
)

// New checks the settings and makes a mailer of them; the error says everything that is wrong, and
// never repeats the address of the server, which holds a password. allow is network.allow.
func New(server, from string, to []string, allow []netip.Prefix) (*Mailer, error) {
	m := &Mailer{from: from, to: to, guard: outbound.Guard{Allow: allow, Public: true}}
	var all []error
	if err := m.parse(server); err != nil {
		all = append(all, fmt.Errorf("smtp: %w", err))
	}
	if _, err := netmail.ParseAddress(from); err != nil {
		all = append(all, fmt.Errorf("from: %q is not an address", from))
	}
	if len(to) == 0 || len(to) > maxRecipients {
		all = append(all, fmt.Errorf("to: 1 to %d addresses are needed", maxRecipients))
	}
	for _, one := range to {
		if _, err := netmail.ParseAddress(one); err != nil {
			all = append(all, fmt.Errorf("to: %q is not an address", one))
		}
	}
	if len(all) > 0 {
		return nil, errors.Join(all...)
	}
	return m, nil
}

// parse reads smtp://user:password@host:587, smtps://… or smtp://host:25?tls=off.
func (m *Mailer) parse(server string) error {
	u, err := url.Parse(strings.TrimSpace(server))
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" ||
		strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return errors.New("use smtp://user:password@host:587, or smtps://…:465; characters such as @ " +
			"and : in the password are written as %40 and %3A")
	}
	m.host, m.port = u.Hostname(), 587
	if u.Scheme == "smtps" {
		m.port, m.tls = 465, implicit
	}
	if u.Port() != "" {
		if m.port, err = strconv.Atoi(u.Port()); err != nil || m.port < 1 || m.port > 65535 {
			return errors.New("the port is not one")
		}
	}
	if u.User != nil {
		m.user = u.User.Username()
		m.password, _ = u.User.Password()
	}
	for name, values := range u.Query() {
		switch {
		case name != "tls" || len(values) != 1 || values[0] != "off" || m.tls == implicit:
			return errors.New("only ?tls=off is known, for smtp://")
		case m.user != "":
			return errors.New("a password is not sent without TLS; leave out tls=off, or user and password")
		}
		m.tls = off
	}
	return nil
}

// Mark tells servers, accounts, senders and recipients apart: a new password opens a channel that the
// old one closed.
func (m *Mailer) Mark() string {
	sum := sha256.Sum256(fmt.Append(nil, m.host, m.port, m.user, m.password, m.from, m.to))
	return hex.EncodeToString(sum[:6])
}

// Edits says that a mail that was sent stays as it is.
func (m *Mailer) Edits() bool { return false }

// Form is the letter in text and HTML.
func (m *Mailer) Form(l outbox.Letter) (json.RawMessage, error) {
	f, err := write(l, m.Template)
	if err != nil {
		return nil, err
	}
	return json.Marshal(f)
}

// Send sends the mail and returns its Message-ID. It is the same each time the letter is tried.
func (m *Mailer) Send(ctx context.Context, p outbox.Parcel) (string, time.Duration, error) {
	msg, id, err := m.message(p)
	if err != nil {
		return "", 0, &outbox.Refusal{Who: m.host, Fate: outbox.Bad, Reason: m.hide(err.Error())}
	}
	var wire net.Conn
	c, err := mail.NewClient(m.host, m.options(&wire)...)
	if err != nil {
		return "", 0, &outbox.Refusal{Who: m.host, Fate: outbox.Bad, Reason: m.hide(err.Error())}
	}
	session, err := c.DialToSMTPClientWithContext(ctx)
	if wire != nil {
		defer wire.Close() // the library leaves it open when the server refuses us
	}
	if err != nil {
		return "", 0, m.refusal(err)
	}
	err = c.SendWithSMTPClient(session, msg)
	// An error after the server took the mail, of RSET or QUIT, is no reason to send it again.
	_ = c.CloseWithSMTPClient(session)
	if err != nil && !msg.IsDelivered() {
		return "", 0, m.refusal(err)
	}
	return id, 0, nil
}

// options say how to reach the server. wire becomes the connection.
func (m *Mailer) options(wire *net.Conn) []mail.Option {
	secure := &tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12, RootCAs: m.roots}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := m.guard.Dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if m.tls == implicit { // the library does not, for a connection that is not its own
			encrypted := tls.Client(c, secure)
			if err := encrypted.HandshakeContext(ctx); err != nil {
				c.Close()
				return nil, err
			}
			c = encrypted
		}
		*wire = c
		return c, nil
	}
	// With implicit the connection is encrypted already, and the library sees that it is.
	policy := map[tlsUse]mail.TLSPolicy{
		startTLS: mail.TLSMandatory, implicit: mail.TLSOpportunistic, off: mail.NoTLS,
	}
	all := []mail.Option{
		mail.WithPort(m.port), mail.WithTimeout(sendTimeout), mail.WithTLSConfig(secure),
		mail.WithDialContextFunc(dial), mail.WithoutNoop(), mail.WithTLSPolicy(policy[m.tls]),
	}
	if m.user != "" {
		all = append(all, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.user),
			mail.WithPassword(m.password))
	}
	return all
}

// message is the mail of a parcel.
func (m *Mailer) message(p outbox.Parcel) (*mail.Msg, string, error) {
	var f form
	if err := json.Unmarshal(p.Form, &f); err != nil {
		return nil, "", errors.New("the message in the outbox cannot be read")
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.From(m.from), msg.To(m.to...)); err != nil {
		return nil, "", err
	}
	id := m.messageID(p)
	msg.Subject(f.Subject)
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(p.Created)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no holiday notices back
	msg.SetGenHeader("X-Analytics-Letter", p.Report+" "+p.Period)
	msg.SetBodyString(mail.TypeTextPlain, f.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, f.HTML)
	for _, image := range f.Images {
		err := msg.EmbedReader(image.Name, bytes.NewReader(image.PNG), mail.WithFileContentType("image/png"),
			mail.WithFileContentID("<"+contentID(image.Name)+">"))
		if err != nil {
			return nil, "", err
		}
	}
	return msg, "<" + id + ">", nil
}

func (m *Mailer) messageID(p outbox.Parcel) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%s", p.Report, p.Period, p.Form))
	domain := "analytics.invalid"
	if a, err := netmail.ParseAddress(m.from); err == nil {
		_, domain, _ = strings.Cut(a.Address, "@")
	}
	return hex.EncodeToString(sum[:12]) + "@" + domain
}

// refusal says what becomes of a mail that was not taken.
func (m *Mailer) refusal(err error) *outbox.Refusal {
	r := &outbox.Refusal{Who: m.host, Fate: outbox.Again, Reason: m.hide(err.Error())}
	if e, ok := errors.AsType[*textproto.Error](err); ok {
		r.Status, r.Reason = e.Code, m.hide(e.Msg)
	}
	if e, ok := errors.AsType[*mail.SendError](err); ok && r.Status == 0 {
		r.Status = e.ErrorCode()
	}
	switch {
	case r.Status == 530 || r.Status == 534 || r.Status == 535 || r.Status == 538:
		r.Fate = outbox.Closed // going on with a wrong password gets an account locked
		r.Do = "see whether user and password of smtp are right; many providers want a password for applications"
	case r.Status >= 500:
		r.Fate, r.Do = outbox.Bad, "see whether the server takes mail of this sender to these recipients"
	case r.Status >= 400:
		r.Do = "nothing: servers ask to come again, and it is tried again"
	case errors.Is(err, outbound.ErrRefused): // it says what to do
	default:
		r.Do = "see whether host and port of smtp are right and can be reached from this server, whether it offers " +
			"STARTTLS (else use smtps://), and whether its certificate is of that name"
	}
	return r
}

// hide blanks user and password wherever they turn up, as they are and as they are sent.
func (m *Mailer) hide(s string) string {
	for _, secret := range []string{m.password, url.QueryEscape(m.password)} {
		if len(secret) > 3 {
			s = strings.ReplaceAll(s, secret, "[redacted]")
		}
	}
	return outbox.Cut(outbox.Clean(s), 200)
}
