package double

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"
)

func TestFilesAndMessageMustAgree(t *testing.T) {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	embed := func(url string) []Embed {
		e := Embed{Title: "t"}
		e.Image.URL = url
		return []Embed{e}
	}
	one := []File{{0, "a.png", b.Bytes()}}
	listed := []Attachment{{0, "a.png", "what it shows"}}
	f := func(what string, m Message, files []File, want string) {
		t.Helper()
		all := Attached(m, files)
		if want == "" && len(all) > 0 || want != "" && (len(all) == 0 || all[0].Path != want) {
			t.Errorf("%s: %v, want one at %q", what, all, want)
		}
	}
	f("nothing", Message{}, nil, "")
	f("one", Message{Attachments: listed, Embeds: embed("attachment://a.png")}, one, "")
	f("not listed", Message{}, one, "attachments")
	f("not there", Message{Attachments: listed}, nil, "attachments.0")
	f("another name", Message{Attachments: []Attachment{{0, "b.png", "x"}}}, one, "attachments.0")
	f("no such file", Message{Attachments: listed, Embeds: embed("attachment://b.png")}, one, "embeds.0.image.url")
	f("elsewhere", Message{Attachments: listed, Embeds: embed("file:///a.png")}, one, "embeds.0.image.url")
	f("no words", Message{Attachments: []Attachment{{0, "a.png", ""}}}, one, "attachments.0.description")
	f("too many words", Message{Attachments: []Attachment{{0, "a.png", strings.Repeat("x", 1025)}}}, one,
		"attachments.0.description")
	f("no PNG", Message{Attachments: listed}, []File{{0, "a.png", []byte("x")}}, "files.0")
	f("no plain name", Message{Attachments: []Attachment{{0, "a b.png", "x"}}}, []File{{0, "a b.png", b.Bytes()}}, "files.0")
}
