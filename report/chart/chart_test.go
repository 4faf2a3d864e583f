package chart

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var pictures = flag.String("pictures", "", "folder to write the pictures of the tests to, for looking at")

func count(v int64) string { return fmt.Sprint(v) }

func dollars(v int64) string { return fmt.Sprintf("$%.2f", float64(v)/1e9) }

// named are so many labels of days.
func named(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("Day %d", i+1))
	}
	return all
}

func hours() (all []string) {
	for i := range 24 {
		all = append(all, fmt.Sprintf("%02d:00", i))
	}
	return all
}

func values(n int, f func(i int) int64) (all []int64) {
	for i := range n {
		all = append(all, f(i))
	}
	return all
}

// cases are charts of every kind of numbers.
func cases() map[string]Chart {
	wave := func(i int) int64 { return int64(300 + 250*math.Sin(float64(i)/4)) }
	spend := Chart{Title: "Spend per day, by model", Show: dollars, Series: []Series{
		{Name: "claude-sonnet-4-5", Values: []int64{31e8, 42e8, 12e8, 9e8, 51e8, 60e8, 48e8, 95e8}},
		{Name: "gpt-5", Values: []int64{21e8, 22e8, 8e8, 5e8, 27e8, 25e8, 28e8, 31e8}},
		{Name: "gemini-2.5-pro", Values: []int64{5e8, 4e8, 1e8, 1e8, 9e8, 9e8, 9e8, 9e8}},
		{Name: "gpt-4o-mini", Values: []int64{3e8, 3e8, 3e8, 3e8, 3e8, 3e8, 4e8, 5e8}},
		{Name: "text-embedding-3-large", Values: []int64{1e8, 1e8, 1e8, 1e8, 1e8, 2e8, 1e8, 3e8}},
		{Name: "others", Rest: true, Values: []int64{1e8, 1e8, 1e8, 1e8, 1e8, 2e8, 3e8, 4e8}},
	}, Labels: []string{"Fri 13", "Sat 14", "Sun 15", "Mon 16", "Tue 17", "Wed 18", "Thu 19", "Fri 20"}}
	long := spend
	long.Series = append([]Series(nil), spend.Series...)
	for i := range long.Series {
		long.Series[i].Name = strings.Repeat("a-very-long-name/", 10) + "größe 模型"
	}
	one := func(show func(int64) string, v ...int64) Chart {
		return Chart{Title: "One", Labels: named(len(v)), Show: show, Series: []Series{{Name: "all", Values: v}}}
	}
	return map[string]Chart{
		"spend": spend, "long": long,
		"traffic": {Title: "Page views per hour", Labels: hours(), Show: count, Series: []Series{
			{Name: "people", Values: values(24, wave)},
			{Name: "bots", Values: values(24, func(i int) int64 { return wave(i*3) / 2 })},
		}},
		"month": {Title: "Spend per day", Labels: named(31), Show: dollars, Series: []Series{
			{Name: "all", Values: values(31, func(i int) int64 { return wave(i) * 1e8 })}}},
		"none":     {Title: "None", Show: count},
		"no value": {Title: "No value", Labels: named(3), Show: count, Series: []Series{{Name: "a"}, {Name: "b"}}},
		"zero":     one(count, 0, 0, 0, 0), "point": one(dollars, 1_234_500_000), "tiny": one(dollars, 1, 0, 2),
		"huge": one(count, math.MaxInt64, 1, math.MaxInt64/2), "negative": one(dollars, 5e9, -3e9, -7e9, 2e9),
		"least": one(count, math.MinInt64, math.MaxInt64),
		"many": {Title: "Many", Labels: named(400), Show: count, Series: []Series{
			{Name: "people", Values: values(400, wave)}, {Name: "bots", Values: values(400, wave)}}},
	}
}

func TestAnyNumbersMakeAPicture(t *testing.T) {
	for name, c := range cases() {
		b, err := c.PNG()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if *pictures != "" {
			if err := os.WriteFile(filepath.Join(*pictures, name+".png"), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		p, err := png.DecodeConfig(bytes.NewReader(b))
		if err != nil || p.Width != Width || p.Height != Height || len(b) > 100<<10 {
			t.Errorf("%s: %+v, %d bytes, %v", name, p, len(b), err)
		}
	}
}

// heights are how many pixels of a colour stand over each other in each bar, from the left.
func heights(p *image.RGBA, c color.Color) (all []int) {
	want := color.RGBAModel.Convert(c)
	inside := false
	for x := range Width {
		n := 0
		for y := 220; y < Height; y++ { // below the legend
			if p.RGBAAt(x, y) == want {
				n++
			}
		}
		switch {
		case n > 0 && !inside:
			all = append(all, n)
		case n > 0:
			all[len(all)-1] = max(all[len(all)-1], n)
		}
		inside = n > 0
	}
	return all
}

// TestBarsAreAsHighAsTheirNumbers measures them in the picture.
func TestBarsAreAsHighAsTheirNumbers(t *testing.T) {
	c := cases()["spend"]
	b, err := c.PNG()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.PNG()
	if err != nil || !bytes.Equal(b, again) {
		t.Errorf("the same chart is other bytes, %v", err)
	}
	drawn, err := png.Decode(bytes.NewReader(b))
	p, ok := drawn.(*image.RGBA)
	if err != nil || !ok {
		t.Fatalf("%T, %v", drawn, err)
	}
	scale := 0.0 // pixels of a dollar
	for i, s := range c.Series[:3] {
		got := heights(p, colour(s, i))
		if len(got) != len(s.Values) {
			t.Fatalf("%s has %d bars, want %d", s.Name, len(got), len(s.Values))
		}
		for j, v := range s.Values {
			if scale == 0 {
				scale = float64(got[7]) / (float64(s.Values[7]) / 1e9)
			}
			if want := float64(v) / 1e9 * scale; math.Abs(float64(got[j])-want) > 2 {
				t.Errorf("%s on %s is %d pixels high, want %.1f", s.Name, c.Labels[j], got[j], want)
			}
		}
	}
}

func TestScalesAreRoundAndHoldTheBars(t *testing.T) {
	f := func(low, high float64, want ...float64) {
		t.Helper()
		if got := scaleOf(low, high).marks(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v to %v: %v, want %v", low, high, got, want)
		}
	}
	f(0, 0, 0, 1)
	f(0, 1, 0, 1)
	f(0, 3, 0, 1, 2, 3)
	f(0, 7, 0, 2, 4, 6, 8)
	f(0, 12, 0, 5, 10, 15)
	f(0, 92, 0, 25, 50, 75, 100)
	f(0, 14.7e9, 0, 5e9, 10e9, 15e9)
	f(-7, 5, -10, -5, 0, 5)
	f(-3, 0, -3, -2, -1, 0)
	f(3, 8, 0, 2, 4, 6, 8)
}

func TestADescriptionSaysWhatIsSeen(t *testing.T) {
	f := func(c Chart, want string) {
		t.Helper()
		if got := c.Alt(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	all := cases()
	f(all["spend"], "Spend per day, by model: Fri 13 $6.20, Sat 14 $7.30, Sun 15 $2.60, Mon 16 $2.00, Tue 17 $9.20, "+
		"Wed 18 $10.10, Thu 19 $9.30, Fri 20 $14.70.")
	f(all["traffic"], "Page views per hour, 00:00 to 23:00: most at 03:00, 717 (people 470, bots 247).")
	f(all["month"], "Spend per day, Day 1 to Day 31: most at Day 7, $54.90.")
	f(all["zero"], "One: nothing.")
	f(all["none"], "None: nothing.")
}
