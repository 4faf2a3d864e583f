package discord

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
)

// write is the body of a request and what its header says of it: JSON, or with files a form of which one
// part is that JSON. The same message is the same bytes.
func (p payload) write() (http.Header, []byte, error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(p); err != nil {
		return nil, nil, err
	}
	if len(p.files) == 0 {
		return nil, body.Bytes(), nil
	}
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	sum := sha256.Sum256(body.Bytes())
	if err := w.SetBoundary("analytics-" + hex.EncodeToString(sum[:16])); err != nil {
		return nil, nil, err
	}
	part := func(kind, disposition string, content []byte) error {
		to, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {"form-data; " + disposition}, "Content-Type": {kind},
		})
		if err == nil {
			_, err = to.Write(content)
		}
		return err
	}
	if err := part("application/json", `name="payload_json"`, body.Bytes()); err != nil {
		return nil, nil, err
	}
	for i, f := range p.files {
		if err := part("image/png", fmt.Sprintf("name=\"files[%d]\"; filename=%q", i, f.Name), f.PNG); err != nil {
			return nil, nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	return http.Header{"Content-Type": {w.FormDataContentType()}}, form.Bytes(), nil
}
