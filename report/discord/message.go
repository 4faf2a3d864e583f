package discord

import (
	"strings"

	"analytics/report/outbox"
)

// Discord's limits, in characters. A payload over one of them is refused as a whole.
const (
	maxContent     = 2000
	maxEmbeds      = 10
	maxTitle       = 256
	maxDescription = 4096
	maxFields      = 25
	maxFieldName   = 256
	maxFieldValue  = 1024
	maxFooter      = 2048
	maxMessage     = 6000 // titles, descriptions, field names and values, footers of all embeds
	maxImages      = 10
	maxAlt         = 1024
)

// Message is what is posted. Its strings are Discord Markdown: whoever builds it has put strings of
// users through Escape.
type Message struct {
	Content string  `json:"content,omitempty"`
	Embeds  []Embed `json:"embeds,omitempty"`
	// Images go with the message as files; embeds show them by name.
	Images []outbox.Image `json:"images,omitempty"`
}

// Embed is a card with a coloured edge.
type Embed struct {
	Title       string  `json:"title,omitempty"`
	Description string  `json:"description,omitempty"`
	Color       int     `json:"color,omitempty"`     // 0xRRGGBB
	Timestamp   string  `json:"timestamp,omitempty"` // RFC 3339
	Fields      []Field `json:"fields,omitempty"`
	Footer      *Footer `json:"footer,omitempty"`
	Image       *Image  `json:"image,omitempty"`
}

// Image is a picture in an embed.
type Image struct {
	URL string `json:"url"` // attachment://NAME
}

// Field is a titled block in an embed; inline ones stand side by side.
type Field struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Inline bool   `json:"inline,omitempty"`
}

// Footer is the small print below an embed.
type Footer struct {
	Text string `json:"text"`
}

// mentions is Discord's allowed_mentions. The only value there is forbids them all.
type mentions struct {
	Parse []string `json:"parse"`
}

// payload is a message on the wire. Name and mentions are not the message's to choose.
type payload struct {
	Username string `json:"username,omitempty"` // when posting; a message keeps it when edited
	Message
	AllowedMentions mentions `json:"allowed_mentions"`
	// Attachments are the files of the message. An edit keeps those of before that it does not leave out,
	// so it says them even if there are none.
	Attachments []attachment `json:"attachments,omitzero"`

	files []outbox.Image
}

// attachment is a file of the request, by its number in files[n].
type attachment struct {
	ID          int    `json:"id"`
	Filename    string `json:"filename"`
	Description string `json:"description,omitempty"`
}

func newPayload(m Message, username string) payload {
	p := payload{Username: username, Message: m.Fit(), AllowedMentions: mentions{Parse: []string{}}}
	p.files, p.Images = p.Images, nil
	if username == "" {
		p.Attachments = []attachment{}
	}
	for i, image := range p.files {
		p.Attachments = append(p.Attachments, attachment{i, image.Name, outbox.Cut(outbox.Clean(image.Alt), maxAlt)})
	}
	return p
}

// Fit is the message within all of Discord's limits. Text is cut and marked with an ellipsis; what
// has no room at all is left out, from the end. Footers are kept whole first, because they say
// which report and period it is.
func (m Message) Fit() Message {
	out := Message{Content: outbox.Cut(m.Content, maxContent), Images: m.Images[:min(len(m.Images), maxImages)]}
	room := maxMessage
	for i, e := range m.Embeds {
		if i == maxEmbeds {
			break
		}
		if e.Footer != nil {
			e.Footer = &Footer{Text: outbox.Cut(e.Footer.Text, min(maxFooter, room))}
			room -= outbox.Width(e.Footer.Text)
		}
		out.Embeds = append(out.Embeds, e)
	}
	take := func(s string, limit int) string {
		s = outbox.Cut(s, min(limit, room))
		room -= outbox.Width(s)
		return s
	}
	kept := out.Embeds[:0]
	for _, e := range out.Embeds {
		e.Title = take(e.Title, maxTitle)
		e.Description = take(e.Description, maxDescription)
		e.Fields = fitFields(e.Fields, &room)
		if e.Title != "" || e.Description != "" || len(e.Fields) > 0 || e.Footer != nil || e.Image != nil {
			kept = append(kept, e)
		}
	}
	out.Embeds = kept
	if out.Content == "" && len(out.Embeds) == 0 {
		out.Content = "–" // Discord refuses an empty message
	}
	return out
}

// minField is the least a field is worth showing: a name and a little of its value.
const minField = 24

// fitFields takes the fields there is room for. Discord refuses an empty name or value, so those
// get a dash.
func fitFields(fields []Field, room *int) []Field {
	var out []Field
	for _, f := range fields {
		f.Name = outbox.Cut(orDash(f.Name), maxFieldName)
		f.Value = outbox.Cut(orDash(f.Value), maxFieldValue)
		if len(out) == maxFields {
			break
		}
		if outbox.Width(f.Name)+outbox.Width(f.Value) > *room {
			left := *room - outbox.Width(f.Name)
			if left < minField {
				break
			}
			f.Value = outbox.Cut(f.Value, left)
		}
		*room -= outbox.Width(f.Name) + outbox.Width(f.Value)
		out = append(out, f)
	}
	return out
}

func orDash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}
