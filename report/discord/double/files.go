package double

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"io"
	"mime"
	"mime/multipart"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// File is a file of a form, by its number in files[n].
type File struct {
	N    int
	Name string
	Data []byte
}

// Attachment says what a file of the message is.
type Attachment struct {
	ID          int    `json:"id"`
	Filename    string `json:"filename"`
	Description string `json:"description"`
}

// Open is the JSON of a request and its files: the body as it is, or the parts of a form.
func Open(contentType string, body []byte) (payload []byte, files []File, err error) {
	kind, params, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("content type %q: %w", contentType, err)
	case kind == "application/json":
		return body, nil, nil
	case kind != "multipart/form-data":
		return nil, nil, fmt.Errorf("content type %q", contentType)
	}
	form := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := form.NextRawPart()
		if errors.Is(err, io.EOF) {
			return payload, files, nil
		}
		if err != nil {
			return nil, nil, err
		}
		b, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, err
		}
		name := part.FormName()
		if name == "payload_json" {
			payload = b
			continue
		}
		n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "files["), "]"))
		if err != nil || part.FileName() == "" {
			return nil, nil, fmt.Errorf("a part is called %q, its file %q", name, part.FileName())
		}
		files = append(files, File{n, part.FileName(), b})
	}
}

// fileName is what attachment:// can name: others are renamed by Discord, and the embed shows nothing.
var fileName = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)

// Files are the rules that a message's files break: how many there are, and how large.
func Files(sizes ...int64) []Problem {
	c := &checker{}
	if len(sizes) > maxFiles {
		c.say("attachments", "BASE_TYPE_MAX_LENGTH", "Must be %d or fewer in length.", maxFiles)
	}
	for i, n := range sizes {
		if n > maxFileBytes {
			c.say(fmt.Sprintf("files.%d", i), "40005", "Request entity too large")
		}
	}
	return c.all
}

// Attached are the rules that a message and its files break together: each file is listed and each that is
// listed is there, an embed shows one of them, and what is called PNG is one.
func Attached(m Message, files []File) []Problem {
	c := &checker{}
	there := map[int]File{}
	var sizes []int64
	for _, f := range files {
		at := fmt.Sprintf("files.%d", f.N)
		sizes = append(sizes, int64(len(f.Data)))
		if _, twice := there[f.N]; twice {
			c.say(at, "OURS", "there are two")
		}
		if _, err := png.Decode(bytes.NewReader(f.Data)); err != nil || !fileName.MatchString(f.Name) ||
			!strings.HasSuffix(f.Name, ".png") {
			c.say(at, "OURS", "%q is no PNG with a plain name: %v", f.Name, err)
		}
		there[f.N] = f
	}
	c.all = append(c.all, Files(sizes...)...)
	names := map[string]bool{}
	for i, a := range m.Attachments {
		at := fmt.Sprintf("attachments.%d", i)
		if f, ok := there[a.ID]; !ok || f.Name != a.Filename {
			c.say(at, "ATTACHMENT_NOT_FOUND", "there is no file %d called %q", a.ID, a.Filename)
		}
		if n := utf8.RuneCountInString(a.Description); n > maxAlt || n == 0 {
			c.say(at+".description", "BASE_TYPE_MAX_LENGTH", "Must be between 1 and %d in length. (%d)", maxAlt, n)
		}
		names[a.Filename] = true
	}
	if len(m.Attachments) != len(files) {
		c.say("attachments", "OURS", "%d of %d files are listed", len(m.Attachments), len(files))
	}
	for i, e := range m.Embeds {
		name, ok := strings.CutPrefix(e.Image.URL, "attachment://")
		if e.Image.URL != "" && (!ok || !names[name]) {
			c.say(fmt.Sprintf("embeds.%d.image.url", i), "URL_TYPE_INVALID_URL", "Not a well formed URL: %q", e.Image.URL)
		}
	}
	return c.all
}
