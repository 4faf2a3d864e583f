package chart

import (
	lib "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
)

// bars are the stacks, as a series of the library.
type bars struct{ p *painter }

// What the library asks a series for.
func (b bars) GetName() string         { return "" }
func (b bars) GetYAxis() lib.YAxisType { return lib.YAxisSecondary }
func (b bars) GetStyle() lib.Style     { return lib.Style{} }
func (b bars) Validate() error         { return nil }

// widest is the most a bar is wide: one alone does not fill the picture.
const widest = 110

// Render draws them.
func (b bars) Render(r lib.Renderer, box lib.Box, xs, ys lib.Range, _ lib.Style) {
	p := b.p
	size := p.totals(box)
	for i := range p.c.Labels {
		from, to := box.Left+xs.Translate(float64(i)-0.4), box.Left+xs.Translate(float64(i)+0.4)
		if to-from > widest {
			middle := (from + to) / 2
			from, to = middle-widest/2, middle+widest/2
		}
		to = max(to, from+1)
		down, up := 0.0, 0.0
		for j, s := range p.series {
			v := float64(s.at(i))
			base := &up
			if v < 0 {
				base = &down
			}
			low, high := box.Bottom-ys.Translate(*base), box.Bottom-ys.Translate(*base+v)
			*base += v
			if v != 0 && low == high && len(p.series) == 1 {
				high-- // what is not nothing is seen
			}
			fill(r, from, min(low, high), to, max(low, high), colour(s, j))
		}
		if size > 0 && up > 0 && down == 0 {
			text := p.c.Show(p.c.Total(i))
			x := (from+to)/2 - p.width(text, size)/2
			lib.Draw.Text(r, text, x, box.Bottom-ys.Translate(up)-10, p.style(size, ink))
		}
	}
}

// smallSize is that of sums where there is no room for larger ones.
const smallSize = 23.0

// totals is the size in which there is room for the sum over each bar, 0 if there is none.
func (p *painter) totals(box lib.Box) float64 {
	n := len(p.c.Labels)
	for _, size := range []float64{textSize, smallSize} {
		wide := 0
		for i := range n {
			wide = max(wide, p.width(p.c.Show(p.c.Total(i)), size))
		}
		if n > 0 && wide+12 <= box.Width()/n {
			return size
		}
	}
	return 0
}

func fill(r lib.Renderer, left, top, right, bottom int, color drawing.Color) {
	if bottom <= top {
		return
	}
	r.SetFillColor(color)
	r.MoveTo(left, top)
	r.LineTo(right, top)
	r.LineTo(right, bottom)
	r.LineTo(left, bottom)
	r.Close()
	r.Fill()
}

// places are the ticks along the bottom: as many labels as have room, and the two ends, which make the
// range and keep the first and the last label off the axis and the edge. values are the ticks at the side.
func (p *painter) places(values []lib.Tick) []lib.Tick {
	n := max(len(p.c.Labels), 1)
	side, wide := 0, 0
	for _, t := range values {
		side = max(side, p.width(t.Label, textSize))
	}
	for _, label := range p.c.Labels {
		wide = max(wide, p.width(label, textSize))
	}
	slot := float64(Width-2*margin-side-20) / float64(n)
	every := 1
	for every < n && slot*float64(every) < float64(wide+8) {
		every = next(every)
	}
	end := max(0.5, float64(wide/2+6)/slot)
	ticks := []lib.Tick{{Value: -end, Label: " "}}
	for i, label := range p.c.Labels {
		if i%every == 0 {
			ticks = append(ticks, lib.Tick{Value: float64(i), Label: label})
		}
	}
	return append(ticks, lib.Tick{Value: float64(n-1) + end, Label: " "})
}

// next is the next distance between labels that people count in: every hour, second, third, sixth …
func next(every int) int {
	for _, n := range []int{1, 2, 3, 6, 12} {
		if n > every {
			return n
		}
	}
	return every * 2
}
