package report

import "analytics/report/outbox"

// letter is the report as a note for any channel: the same sections, cells and headline as the file.
func (r *Report) letter() outbox.Note {
	n := outbox.Note{
		Title: r.Title + " · " + r.Span.Key, Lines: append([]string(nil), r.Headline...),
		At: r.Written, Small: r.Notes, Place: r.Span.Zone.String(),
		Mood: map[Mood]outbox.Mood{Notable: outbox.Notable, Bad: outbox.Alarming}[r.Mood],
	}
	if r.Partial {
		n.Lines = append(n.Lines, "The "+string(r.Span.Unit)+" is not over yet.")
	}
	for _, s := range r.Sections {
		t := outbox.Table{Title: s.Title, Note: s.Note, Brief: s.Card}
		for _, c := range s.Columns {
			t.Columns = append(t.Columns, outbox.Column{Label: c.Label, Right: c.Right, Brief: c.Card})
		}
		for _, row := range s.Rows {
			cells := make([]string, len(row))
			for i, cell := range row {
				cells[i] = Show(cell)
			}
			t.Rows = append(t.Rows, cells)
		}
		n.Tables = append(n.Tables, t)
	}
	return n
}
