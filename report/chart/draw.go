package chart

import (
	"bytes"
	"fmt"
	"image/png"

	"github.com/golang/freetype/truetype"
	lib "github.com/wcharczuk/go-chart/v2"
	"github.com/wcharczuk/go-chart/v2/drawing"
	"github.com/wcharczuk/go-chart/v2/roboto"
)

// Width and Height are of the picture in pixels: twice what a chat or a mail gives it, for sharp letters.
const (
	Width  = 1200
	Height = 640
)

const (
	margin    = 32
	titleSize = 38.0
	textSize  = 29.0
)

var (
	ground = drawing.ColorFromHex("22262e")
	ink    = drawing.ColorFromHex("eceef2")
	faint  = drawing.ColorFromHex("b4bac6")
	grid   = drawing.ColorFromHex("3d434f")
	grey   = drawing.ColorFromHex("868e9c")
)

// colours are Okabe and Ito's, a little lighter for the dark ground.
var colours = []drawing.Color{
	drawing.ColorFromHex("5ab6f0"), drawing.ColorFromHex("f0a52c"), drawing.ColorFromHex("35bd8e"),
	drawing.ColorFromHex("d98bb8"), drawing.ColorFromHex("ece15a"), drawing.ColorFromHex("e8693b"),
}

// colour is that of the series at a place in the stack.
func colour(s Series, i int) drawing.Color {
	if s.Rest {
		return grey
	}
	return colours[i%len(colours)]
}

// Picture draws the chart. name is that of the file, without its ending.
func (c *Chart) Picture(name string) (Picture, error) {
	b, err := c.PNG()
	return Picture{Name: name + ".png", Alt: c.Alt(), PNG: b}, err
}

// PNG draws the chart.
func (c *Chart) PNG() ([]byte, error) {
	font, err := truetype.Parse(roboto.Roboto) // its own: the library's shared one is a data race
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	scratch, err := lib.PNG(1, 1)
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	p := &painter{c: c, series: c.shown(), font: font, pen: scratch}
	scratch.SetDPI(dpi)
	p.plan()
	var image lib.ImageWriter
	if err := p.chart().Render(lib.PNG, &image); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	drawn, err := image.Image()
	if err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, drawn); err != nil {
		return nil, fmt.Errorf("chart: %w", err)
	}
	return out.Bytes(), nil
}

// dpi makes a point of type a pixel.
const dpi = 72

// painter is a chart being drawn.
type painter struct {
	c      *Chart
	series []Series
	font   *truetype.Font
	pen    lib.Renderer // measures text
	scale  scale
	legend [][]entry
	top    int // where the bars may begin
}

func (p *painter) plan() {
	low, high := 0.0, 0.0
	for i := range p.c.Labels {
		down, up := p.reach(i)
		low, high = min(low, down), max(high, up)
	}
	p.scale = scaleOf(low, high)
	p.top = margin + int(titleSize) + 18
	p.layLegend()
	p.top += len(p.legend)*lineHeight + 26
}

// reach is how far the bar of a place goes down and up.
func (p *painter) reach(place int) (down, up float64) {
	for _, s := range p.series {
		v := float64(s.at(place))
		down, up = down+min(v, 0), up+max(v, 0)
	}
	return down, up
}

// width is that of a text in pixels.
func (p *painter) width(text string, size float64) int {
	return lib.Draw.MeasureText(p.pen, text, p.style(size, ink)).Width()
}

func (p *painter) style(size float64, color drawing.Color) lib.Style {
	return lib.Style{Font: p.font, FontSize: size, FontColor: color}
}

// chart is the library's: its axes and grid, and of ours the bars, the title and the legend.
func (p *painter) chart() lib.Chart {
	var all, written []lib.Tick
	var lines []lib.GridLine
	for _, v := range p.scale.marks() {
		tick := lib.Tick{Value: v, Label: p.c.Show(whole(v))}
		// Marks may be too close to be told apart in writing.
		if len(all) == 0 || all[len(all)-1].Label != tick.Label {
			written = append(written, tick)
		}
		all = append(all, tick)
		line := lib.GridLine{Value: v, Style: lib.Style{StrokeColor: grid, StrokeWidth: 2}}
		if v == 0 {
			line.Style.StrokeColor = faint
		}
		lines = append(lines, line)
	}
	letters := p.style(textSize, faint)
	letters.StrokeColor, letters.StrokeWidth = ground, 1 // no line beside the grid's
	flat := lib.Style{FillColor: ground, StrokeColor: ground}
	background := flat
	background.Padding = lib.Box{Top: p.top, Left: margin, Right: margin, Bottom: margin}
	return lib.Chart{
		Width: Width, Height: Height, DPI: dpi, Font: p.font, Background: background, Canvas: flat,
		XAxis: lib.XAxis{Style: letters, Ticks: p.places(all), TickPosition: lib.TickPositionUnderTick},
		// The axis at the right is the library's first. Its second, at the left, takes its range of the
		// first's ticks.
		YAxis:          lib.YAxis{Style: lib.Hidden(), Ticks: all},
		YAxisSecondary: lib.YAxis{Style: letters, Ticks: written, GridLines: lines},
		Series:         []lib.Series{bars{p}},
		Elements:       []lib.Renderable{p.words},
	}
}
