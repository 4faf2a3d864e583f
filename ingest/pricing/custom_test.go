package pricing

import (
	"math/big"
	"strings"
	"testing"

	"analytics/engine/event"
)

func TestRate(t *testing.T) {
	f := func(rate Rate, power int, want int64) {
		t.Helper()
		if got, err := rate.pico(power); err != nil || got != want {
			t.Errorf("%q power %d: %d %v, want %d", rate, power, got, err, want)
		}
	}
	f("0", per1K, 0)
	f("0.01", per1K, 10_000_000)
	f("0.03", per1K, 30_000_000)
	f("2.5", per1M, 2_500_000)
	f("1e-3", per1K, 1_000_000)
	f("1E+2", per1M, 100_000_000)
	f("0.0000000005", per1K, 0) // half a pico-USD, to even
	f("0.0000000015", per1K, 2)
	f("1000", per1K, maxPico)
	bad := func(rate Rate) {
		t.Helper()
		if got, err := rate.pico(per1K); err == nil {
			t.Errorf("%q gave %d, want an error", rate, got)
		}
	}
	for _, rate := range []Rate{"", "-1", "+1", "x", "NaN", "inf", "0x1p4", "1_000", ".5", "5.",
		"1,5", "1e", "1e100", "1000.000000001", "1e99", " 1", "$1", Rate(strings.Repeat("0", 41))} {
		bad(rate)
	}
}

func FuzzRate(f *testing.F) {
	for _, s := range []string{"0.01", "1e-3", "1000", "0.00000000049999", "9.99e2"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, text string, thousand bool) {
		power := per1M
		if thousand {
			power = per1K
		}
		got, err := Rate(text).pico(power)
		if err != nil {
			return
		}
		exact, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q was taken and is no number", text)
		}
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(power)), nil)
		exact.Mul(exact, new(big.Rat).SetInt(scale))
		exact.Sub(exact, new(big.Rat).SetInt64(got))
		if exact.Abs(exact).Cmp(big.NewRat(1, 2)) > 0 || got < 0 || got > maxPico {
			t.Errorf("%q is %d pico-USD, off by %s", text, got, exact.FloatString(3))
		}
	})
}

func TestCustomPricesGoFirst(t *testing.T) {
	b := book(t, map[string]Custom{
		"my-custom-model": {InputPer1K: "0.01", OutputPer1K: "0.03"},
		"gpt-4o":          {InputPer1M: "1", OutputPer1M: "2", CacheReadPer1M: "0.1"},
		"Groq/special":    {InputPer1M: "5", OutputPer1M: "5"},
		"claude-own":      {InputPer1M: "4", CacheWritePer1M: "5", OutputPer1M: "1"},
	})
	f := func(provider, model string, u Usage, want event.NanoUSD, key string) {
		t.Helper()
		e := asked(provider, model, day(), u)
		b.Price(e)
		if got := event.NanoUSD(e.Int(event.AICost)); got != want ||
			string(e.Text(event.AIPriceKey)) != key {
			t.Errorf("%s %s: %d %q, want %d %q", provider, model, got,
				e.Text(event.AIPriceKey), want, key)
		}
		version := string(e.Text(event.AIPriceVersion))
		if strings.HasPrefix(version, "custom/") != strings.HasPrefix(key, "custom/") {
			t.Errorf("%s: version %q of key %q", model, version, key)
		}
	}
	u := Usage{InputUncached: 1000, CacheRead: 1000, OutputText: 1000}
	f("", "my-custom-model", u, 50_000_000, "custom/my-custom-model") // 10 + 10 + 30 micro a token
	f("openai", "gpt-4o", u, 3_100_000, "custom/gpt-4o")              // 1 + 0.1 + 2
	f("", "openai/gpt-4o", u, 3_100_000, "custom/gpt-4o")
	f("", "openai:GPT-4o", u, 3_100_000, "custom/gpt-4o")
	f("ollama", "gpt-4o", u, 3_100_000, "custom/gpt-4o")
	f("", "gpt-4o-2031-01-01", u, 3_100_000, "custom/gpt-4o") // nobody lists that snapshot
	f("openai", "gpt-4o-2024-11-20", u, 13_750_000, "openai/gpt-4o")
	f("groq", "special", u, 15_000_000, "custom/groq/special")
	f("openai", "special", u, 0, "")
	// an hour write of a Claude is twice input: 1000 x 8
	f("", "claude-own", Usage{CacheWrite1h: 1000}, 8_000_000, "custom/claude-own")

	other, err := b.With(map[string]Custom{"gpt-4o": {InputPer1M: "9"}})
	if err != nil {
		t.Fatal(err)
	}
	one, two := b.lists[1].exact["gpt-4o"].version, other.lists[1].exact["gpt-4o"].version
	if string(one) == string(two) {
		t.Errorf("two price lists share the version %q", one)
	}
}

func TestCustomProblemsAllAtOnce(t *testing.T) {
	_, err := NewBook(map[string]Custom{
		"a": {InputPer1K: "-1"},
		"b": {InputPer1K: "1", InputPer1M: "1"},
		"c": {CacheReadPer1K: "1"},
		"D": {InputPer1K: "1"}, "d": {InputPer1K: "1"},
		"e": {OutputPer1K: "100000"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"of a: input is not an amount", "of b: input is given both",
		"of c: has neither", `the model "d" twice`, "of e: output is more than 1 USD a token"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
}
