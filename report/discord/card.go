package discord

import (
	"strings"
	"time"

	"analytics/report/outbox"
)

// Card is a note as a message of Discord: the headline, and of each table what fits beside others.
// It may be longer than Discord takes; Fit is for that.
func Card(n outbox.Note) Message {
	e := Embed{Title: Title(n.Title), Color: n.Mood.Color()}
	if !n.At.IsZero() {
		e.Timestamp = n.At.UTC().Format(time.RFC3339)
	}
	var lines []string
	for i, line := range n.Lines {
		switch {
		case i > 0:
			lines = append(lines, "• "+Escape(line))
		case len(n.Lines) > 1:
			lines = append(lines, strong(Escape(line)))
		default:
			lines = append(lines, Escape(line))
		}
	}
	e.Description = strings.Join(lines, "\n")
	for _, f := range n.Facts {
		e.Fields = append(e.Fields, Field{Name: Title(f.Name), Value: Escape(f.Value), Inline: true})
	}
	for _, t := range n.Tables {
		if brief := t.Lines(Escape, strong); len(brief) > 0 {
			e.Fields = append(e.Fields, Field{
				Name: Title(t.Title), Value: strings.Join(brief, "\n"), Inline: true,
			})
		}
	}
	if n.Place != "" {
		e.Footer = &Footer{Text: outbox.Clean(n.Place)}
	}
	m := Message{Embeds: []Embed{e}}
	for i, image := range n.Images[:min(len(n.Images), maxImages)] {
		if i > 0 { // an embed shows one
			m.Embeds = append(m.Embeds, Embed{Color: e.Color})
		}
		m.Embeds[i].Image = &Image{"attachment://" + image.Name}
		m.Images = append(m.Images, image)
	}
	return m
}

func strong(s string) string { return "**" + s + "**" }

// signed is the letter's card with report and period in its footer, so that people can tell a message
// that came twice because Discord's first answer was lost.
func (c *Client) signed(l outbox.Letter) Message {
	title, text := c.Template.Word(&l, Escape)
	m := Card(l.Note)
	e := &m.Embeds[0]
	if title != "" {
		e.Title = title
	}
	if text != "" {
		e.Description, e.Fields = text, nil
	}
	small := l.Report + " · " + l.Period
	if e.Footer != nil {
		small += " · " + e.Footer.Text
	}
	e.Footer = &Footer{Text: small}
	return m.Fit()
}
