package outbox

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
	Images []Image   `json:"images,omitempty"`
}

// Image is a picture that says the same as the note. Channels that cannot show it leave it out.
type Image struct {
	Name string `json:"name"` // of the file: a-z 0-9 - _ and .png
	Alt  string `json:"alt"`  // what it shows, for those who do not see it
	PNG  []byte `json:"png"`
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

// Empty reports that a note says nothing.
func (n *Note) Empty() bool { return n.Title == "" && len(n.Lines) == 0 && len(n.Facts) == 0 }

// Unknown is a cell of which nothing is known.
const Unknown = "–"

// maxName is how much of a name a line shows: on a phone it has about 30 characters.
const maxName = 40

// Lines is the table for little room: its first rows, a line each; those of which nothing is known
// are left out. escape makes a cell inert, strong makes the first figure stand out.
func (t *Table) Lines(escape, strong func(string) string) []string {
	var lines []string
	for _, row := range t.Rows[:min(t.Brief, len(t.Rows))] {
		var names, figures []string
		for i, c := range t.Columns {
			switch {
			case !c.Brief || i >= len(row):
			case !c.Right:
				names = append(names, escape(Cut(Clean(row[i]), maxName)))
			case row[i] != Unknown:
				figures = append(figures, escape(row[i]))
			}
		}
		if len(figures) == 0 {
			continue
		}
		figures[0] = strong(figures[0])
		lines = append(lines, strings.Join(append(names, strings.Join(figures, ", ")), " "))
	}
	return lines
}
