package discord

import (
	"strings"
	"time"
)

// Note is what a letter says, in plain text that may hold strings of anybody: each channel makes
// them inert in its own way.
type Note struct {
	Title  string    `json:"title"`
	Mood   Mood      `json:"mood"`
	At     time.Time `json:"at"`
	Lines  []string  `json:"lines,omitempty"` // the first is the headline
	Facts  []Fact    `json:"facts,omitempty"`
	Tables []Table   `json:"tables,omitempty"`
	Small  []string  `json:"small,omitempty"` // what the figures do not contain
	Place  string    `json:"place,omitempty"` // the small print below: a zone, a host
}

// Mood is how urgently one should look.
type Mood string

// The moods. An empty one is calm.
const (
	Calm     Mood = "calm"
	Notable  Mood = "notable"
	Alarming Mood = "alarming"
)

// Color is what stands for a mood, as 0xRRGGBB.
func (m Mood) Color() int {
	switch m {
	case Notable:
		return 0xd29922
	case Alarming:
		return 0xda3633
	}
	return 0x2f81f7
}

// Fact is a figure with its name.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Table is a titled table.
type Table struct {
	Title   string     `json:"title"`
	Note    string     `json:"note,omitempty"`
	Columns []Column   `json:"columns"`
	Rows    [][]string `json:"rows"`
	// Brief is how many rows a channel with little room shows; 0 leaves the table out there.
	Brief int `json:"-"`
}

// Column is a column of a table. Channels with little room show the brief ones.
type Column struct {
	Label string `json:"label"`
	Right bool   `json:"right,omitempty"`
	Brief bool   `json:"-"`
}

// empty reports that a note says nothing.
func (n *Note) empty() bool { return n.Title == "" && len(n.Lines) == 0 && len(n.Facts) == 0 }

// card is the note as a message of Discord.
func (n *Note) card() Message {
	e := Embed{Title: Title(n.Title), Color: n.Mood.Color()}
	if !n.At.IsZero() {
		e.Timestamp = n.At.UTC().Format(time.RFC3339)
	}
	var lines []string
	for i, line := range n.Lines {
		if i == 0 && len(n.Lines) > 1 {
			lines = append(lines, "**"+Escape(line)+"**")
			continue
		}
		lines = append(lines, Escape(line))
	}
	e.Description = strings.Join(lines, "\n")
	for _, f := range n.Facts {
		e.Fields = append(e.Fields, Field{Name: Title(f.Name), Value: Escape(f.Value), Inline: true})
	}
	for _, t := range n.Tables {
		if brief := t.Lines(Escape); len(brief) > 0 {
			e.Fields = append(e.Fields, Field{Name: Title(t.Title), Value: strings.Join(brief, "\n")})
		}
	}
	if n.Place != "" {
		e.Footer = &Footer{Text: Clean(n.Place)}
	}
	return Message{Embeds: []Embed{e}}
}

// maxName is how much of a name a line shows: on a phone it has about 30 characters.
const maxName = 40

// Lines is the table for little room: its first rows, a line each. escape makes a cell inert.
func (t *Table) Lines(escape func(string) string) []string {
	var lines []string
	for _, row := range t.Rows[:min(t.Brief, len(t.Rows))] {
		var names, figures []string
		for i, c := range t.Columns {
			switch {
			case !c.Brief || i >= len(row):
			case c.Right:
				figures = append(figures, escape(row[i]))
			default:
				names = append(names, escape(Cut(Clean(row[i]), maxName)))
			}
		}
		line := strings.Join(names, " ")
		if len(figures) > 0 {
			line += " " + strings.Join(figures, ", ")
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}
