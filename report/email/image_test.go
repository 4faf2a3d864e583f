package email

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"

	"analytics/report/outbox"
)

func TestPicturesAreInTheMail(t *testing.T) {
	s := start(t, "starttls")
	m := s.mailer(t, "smtp://"+account+"HERE")
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 40, 40))); err != nil {
		t.Fatal(err)
	}
	n := spent
	n.Images = []outbox.Image{{Name: "2026-11-20-daily_cost_report.png", PNG: drawn.Bytes(),
		Alt: `Spend per day: <img src=x onerror=y>" https://evil.example/` + "\u202e Fri 20 $11.00."}}
	for range 2 {
		if _, _, err := m.Send(t.Context(), parcel(t, m, n)); err != nil {
			t.Fatal(err)
		}
	}
	all := s.deliveries()
	whole := opened(t, all[0].raw)
	if strings.Join(whole.kinds, " ") != "multipart/related multipart/alternative text/plain text/html image/png" {
		t.Errorf("the parts are %q", whole.kinds)
	}
	if !bytes.Equal(whole.png, drawn.Bytes()) || !bytes.Equal(whole.png, opened(t, all[1].raw).png) {
		t.Error("the picture is another one")
	}
	if whole.id != "<2026-11-20-daily_cost_report.png@analytics>" ||
		strings.Count(whole.html, `src="cid:2026-11-20-daily_cost_report.png@analytics"`) != 1 {
		t.Errorf("the picture is %q, in\n%s", whole.id, whole.html)
	}
	said := "Spend per day: <img src=x onerror=y>\" https[:]//evil.example/ Fri 20 $11.00."
	if !strings.Contains(whole.text, "["+said+"]\n") {
		t.Errorf("the text does not say what is seen:\n%s", whole.text)
	}
	if strings.Count(whole.html, "<img") != 1 || !strings.Contains(whole.html,
		`alt="Spend per day: &lt;img src=x onerror=y&gt;&#34; https[:]//evil.example/ Fri 20 $11.00."`) {
		t.Errorf("the HTML is\n%s", whole.html)
	}
}

// contents are a mail taken apart.
type contents struct {
	kinds          []string
	text, html, id string
	png            []byte
}

func opened(t *testing.T, raw []byte) (c contents) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c.walk(t, m.Header.Get, m.Body)
	return c
}

func (c *contents) walk(t *testing.T, header func(string) string, body io.Reader) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	c.kinds = append(c.kinds, kind)
	if strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c.walk(t, p.Header.Get, p)
		}
	}
	if header("Content-Transfer-Encoding") == "base64" {
		body = base64.NewDecoder(base64.StdEncoding, body)
	} else {
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	switch kind {
	case "text/plain":
		c.text = strings.ReplaceAll(string(b), "\r\n", "\n")
	case "text/html":
		c.html = string(b)
	default:
		c.png, c.id = b, header("Content-ID")
	}
}
