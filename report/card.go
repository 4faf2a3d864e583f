package report

import (
	"strings"
	"time"

	"analytics/report/discord"
)

// The colours of a card's edge by mood.
var colors = map[Mood]int{Calm: 0x2f81f7, Notable: 0xd29922, Bad: 0xda3633}

// Card is the report as a Discord message: the headline, and of each table what fits beside others.
// Limits of length are the discord package's.
func (r *Report) Card() discord.Message {
	e := discord.Embed{
		Title:     r.Title + " · " + r.Day.Date,
		Color:     colors[r.Mood],
		Timestamp: r.Written.UTC().Format(time.RFC3339),
		Footer:    &discord.Footer{Text: r.Day.Zone.String()},
	}
	var text strings.Builder
	for i, line := range r.Headline {
		if i == 0 {
			text.WriteString("**" + discord.Escape(line) + "**\n")
			continue
		}
		text.WriteString("• " + discord.Escape(line) + "\n")
	}
	if r.Partial {
		text.WriteString("_The day is not over yet._\n")
	}
	e.Description = strings.TrimSpace(text.String())
	for _, s := range r.Sections {
		if s.Card > 0 {
			e.Fields = append(e.Fields, discord.Field{
				Name: discord.Title(s.Title), Value: s.card(), Inline: true,
			})
		}
	}
	return discord.Message{Embeds: []discord.Embed{e}}
}

// maxName is how much of a name a card shows: on a phone a line has about 30 characters.
const maxName = 40

// card is the first rows of a table, a line each: the figures, then what they are of.
func (s *Section) card() string {
	var out strings.Builder
	for _, row := range s.Rows[:min(s.Card, len(s.Rows))] {
		var names, figures []string
		for j, c := range s.Columns {
			if !c.Card {
				continue
			}
			if !c.Right {
				name := discord.Cut(discord.Clean(Show(row[j])), maxName)
				names = append(names, discord.Escape(name))
			} else if row[j] != nil {
				figures = append(figures, discord.Escape(Show(row[j])))
			}
		}
		if len(figures) == 0 { // nothing is known of it
			continue
		}
		figures[0] = "**" + figures[0] + "**"
		out.WriteString(strings.Join(append(names, strings.Join(figures, ", ")), " ") + "\n")
	}
	return strings.TrimSpace(out.String())
}
