package chart

import (
	lib "github.com/wcharczuk/go-chart/v2"
)

// entry is a colour of the legend and what it stands for.
type entry struct {
	series int
	name   string
	left   int
}

const (
	lineHeight = 44
	swatch     = 24
	// maxEntries is how many there may be: more colours are not told apart.
	maxEntries = 12
)

// layLegend arranges the names in lines. A chart of one series says in its title what it is.
func (p *painter) layLegend() {
	if len(p.c.Series) < 2 || p.c.Empty() {
		return
	}
	const right = Width - margin
	x := right + 1
	for i, s := range p.series[:min(len(p.series), maxEntries)] {
		name := p.cut(s.Name, 460)
		wide := swatch + 12 + p.width(name, textSize) + 36
		if x+wide-36 > right {
			p.legend = append(p.legend, nil)
			x = margin
		}
		line := &p.legend[len(p.legend)-1]
		*line = append(*line, entry{i, name, x})
		x += wide
	}
}

// cut shortens a text to a width.
func (p *painter) cut(text string, most int) string {
	if p.width(text, textSize) <= most {
		return text
	}
	letters := []rune(text)
	letters = letters[:min(len(letters), most)]
	for len(letters) > 0 && p.width(string(letters)+"…", textSize) > most {
		letters = letters[:len(letters)-1]
	}
	return string(letters) + "…"
}

// words draws the title and the legend.
func (p *painter) words(r lib.Renderer, _ lib.Box, _ lib.Style) {
	y := margin + int(titleSize) - 4
	lib.Draw.Text(r, p.c.Title, margin, y, p.style(titleSize, ink))
	y += 18
	for _, line := range p.legend {
		for _, e := range line {
			fill(r, e.left, y+10, e.left+swatch, y+10+swatch, colour(p.series[e.series], e.series))
			lib.Draw.Text(r, e.name, e.left+swatch+12, y+lineHeight-12, p.style(textSize, faint))
		}
		y += lineHeight
	}
	if p.c.Empty() {
		const nothing = "Nothing was recorded."
		lib.Draw.Text(r, nothing, (Width-p.width(nothing, textSize))/2, Height/2+20, p.style(textSize, faint))
	}
}
