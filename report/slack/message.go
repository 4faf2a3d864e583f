package slack

import (
	"strings"

	"analytics/report/outbox"
)

// Slack's limits, in characters. A message over one of them is refused as a whole.
const (
	maxBlocks   = 50
	maxHeader   = 150
	maxSection  = 3000
	maxFields   = 10
	maxField    = 2000
	maxFallback = 4000 // of what stands beside the blocks: Slack takes more, and asks for no more
)

// Message is what is posted.
type Message struct {
	Text   string  `json:"text"`
	Blocks []Block `json:"blocks,omitempty"`
}

// Block is a part of a message: a header, a section or a context.
type Block struct {
	Type     string `json:"type"`
	Text     *Text  `json:"text,omitempty"`
	Fields   []Text `json:"fields,omitempty"`
	Elements []Text `json:"elements,omitempty"`
}

// Text is text of Slack. Verbatim keeps it from finding addresses and names in it by itself.
type Text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

func marked(s string) Text { return Text{Type: "mrkdwn", Text: s, Verbatim: true} }

// marks stand before a title, as colours do elsewhere.
var marks = map[outbox.Mood]string{outbox.Notable: "🟡 ", outbox.Alarming: "🔴 "}

// draft is a message that is being written: its blocks, and the same in plain text.
type draft struct {
	blocks []Block
	plain  []string
}

// write is a letter as a message. title and text are those of a template, if it has them.
func write(l outbox.Letter, title, text string) Message {
	n := &l.Note
	d := &draft{}
	small := Escape(l.Report + " · " + l.Period)
	if n.Place != "" {
		small += " · " + Escape(n.Place)
	}
	if title == "" {
		title = marks[n.Mood] + Escape(n.Title)
	}
	if n.Title != "" || title != "" {
		d.header(title)
	}
	if text != "" {
		d.text(strings.Split(text, "\n"))
	} else {
		d.note(n)
	}
	for _, s := range n.Small {
		if text == "" {
			d.context(Escape(s))
		}
	}
	d.context(small)
	// The footer says which report it is, so that it stays whatever is left out.
	if len(d.blocks) > maxBlocks {
		d.blocks = append(d.blocks[:maxBlocks-1:maxBlocks-1], d.blocks[len(d.blocks)-1])
	}
	return Message{Text: cut(strings.Join(d.plain, "\n"), maxFallback), Blocks: d.blocks}
}

func (d *draft) note(n *outbox.Note) {
	var lines []string
	for i, line := range n.Lines {
		switch {
		case strings.TrimSpace(line) == "":
		case i > 0:
			lines = append(lines, "• "+Escape(line))
		default:
			lines = append(lines, Escape(line))
		}
	}
	d.text(lines)
	d.facts(n.Facts)
	for _, t := range n.Tables {
		if brief := t.Lines(Escape, func(s string) string { return s }); len(brief) > 0 {
			d.plain = append(d.plain, Escape(t.Title)+":")
			d.section(strong(Escape(t.Title)) + "\n" + strings.Join(brief, "\n"))
			d.plain = append(d.plain, brief...)
		}
	}
}

// header is plain text, in which nothing has a meaning, so that what Escape wrote for & is read back.
func (d *draft) header(s string) {
	d.plain = append(d.plain, s)
	s = cut(s, maxHeader)
	if strings.TrimSpace(s) == "" {
		return
	}
	d.blocks = append(d.blocks, Block{Type: "header", Text: &Text{Type: "plain_text", Text: s}})
}

// text is lines in as many sections as they need.
func (d *draft) text(lines []string) {
	d.plain = append(d.plain, lines...)
	all, room := []string(nil), maxSection
	flush := func() {
		if len(all) > 0 {
			d.section(strings.Join(all, "\n"))
		}
		all, room = nil, maxSection
	}
	for _, line := range lines {
		line = cut(line, maxSection)
		if w := outbox.Width(line) + 1; w > room {
			flush()
		}
		all, room = append(all, line), room-outbox.Width(line)-1
	}
	flush()
}

func (d *draft) section(s string) {
	if s = cut(s, maxSection); strings.TrimSpace(s) != "" {
		text := marked(s)
		d.blocks = append(d.blocks, Block{Type: "section", Text: &text})
	}
}

// facts stand side by side, ten to a section.
func (d *draft) facts(facts []outbox.Fact) {
	var fields []Text
	flush := func() {
		if len(fields) > 0 {
			d.blocks = append(d.blocks, Block{Type: "section", Fields: fields})
		}
		fields = nil
	}
	for _, f := range facts {
		name, value := Escape(f.Name), Escape(f.Value)
		d.plain = append(d.plain, name+": "+value)
		fields = append(fields, marked(cut(strong(cut(name, maxField/2))+"\n"+value, maxField)))
		if len(fields) == maxFields {
			flush()
		}
	}
	flush()
}

func (d *draft) context(s string) {
	d.plain = append(d.plain, s)
	if s = cut(s, maxField); strings.TrimSpace(s) != "" {
		d.blocks = append(d.blocks, Block{Type: "context", Elements: []Text{marked(s)}})
	}
}

// strong is bold; a string without anything to see cannot be.
func strong(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return "*" + s + "*"
}
