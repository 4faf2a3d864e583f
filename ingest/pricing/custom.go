package pricing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"analytics/engine/fault"
)

// Rate is USD as it is written in the configuration, such as "0.01"; empty means not given. It
// stays text until it is made whole pico-USD, because 0.01 is not a number a float can hold.
type Rate string

// UnmarshalJSON takes a number as well as a text.
func (r *Rate) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var text string
		err := json.Unmarshal(b, &text)
		*r = Rate(text)
		return err
	}
	if string(b) != "null" {
		*r = Rate(b)
	}
	return nil
}

// Custom is the price of one model in `analytics.costs.custom_pricing`, for 1,000 or for a million
// tokens. Names may have stars, and may begin with `provider/`. What is not given is charged as
// doc.go says; a model that costs nothing says input_per_1k: 0 and output_per_1k: 0.
type Custom struct {
	InputPer1K        Rate `yaml:"input_per_1k" json:"input_per_1k,omitempty"`
	OutputPer1K       Rate `yaml:"output_per_1k" json:"output_per_1k,omitempty"`
	CacheReadPer1K    Rate `yaml:"cache_read_per_1k" json:"cache_read_per_1k,omitempty"`
	CacheWritePer1K   Rate `yaml:"cache_write_per_1k" json:"cache_write_per_1k,omitempty"`
	CacheWrite1hPer1K Rate `yaml:"cache_write_1h_per_1k" json:"cache_write_1h_per_1k,omitempty"`
	ReasoningPer1K    Rate `yaml:"reasoning_per_1k" json:"reasoning_per_1k,omitempty"`
	AudioInputPer1K   Rate `yaml:"audio_input_per_1k" json:"audio_input_per_1k,omitempty"`
	AudioOutputPer1K  Rate `yaml:"audio_output_per_1k" json:"audio_output_per_1k,omitempty"`
	ImageInputPer1K   Rate `yaml:"image_input_per_1k" json:"image_input_per_1k,omitempty"`
	ImageOutputPer1K  Rate `yaml:"image_output_per_1k" json:"image_output_per_1k,omitempty"`
	InputPer1M        Rate `yaml:"input_per_1m" json:"input_per_1m,omitempty"`
	OutputPer1M       Rate `yaml:"output_per_1m" json:"output_per_1m,omitempty"`
	CacheReadPer1M    Rate `yaml:"cache_read_per_1m" json:"cache_read_per_1m,omitempty"`
	CacheWritePer1M   Rate `yaml:"cache_write_per_1m" json:"cache_write_per_1m,omitempty"`
	CacheWrite1hPer1M Rate `yaml:"cache_write_1h_per_1m" json:"cache_write_1h_per_1m,omitempty"`
	ReasoningPer1M    Rate `yaml:"reasoning_per_1m" json:"reasoning_per_1m,omitempty"`
	AudioInputPer1M   Rate `yaml:"audio_input_per_1m" json:"audio_input_per_1m,omitempty"`
	AudioOutputPer1M  Rate `yaml:"audio_output_per_1m" json:"audio_output_per_1m,omitempty"`
	ImageInputPer1M   Rate `yaml:"image_input_per_1m" json:"image_input_per_1m,omitempty"`
	ImageOutputPer1M  Rate `yaml:"image_output_per_1m" json:"image_output_per_1m,omitempty"`
	// WebSearchPer1K is for 1,000 searches, PerRequest for one request.
	WebSearchPer1K Rate `yaml:"web_search_per_1k" json:"web_search_per_1k,omitempty"`
	PerRequest     Rate `yaml:"per_request" json:"per_request,omitempty"`
}

// maxPico is the highest price taken, 1 USD a token: a thousand times the dearest model there is,
// so more is a slip of the unit.
const maxPico = 1_000_000_000_000

// maxRateText is the longest rate read; longer ones are not prices.
const maxRateText = 40

// Powers of ten from USD per 1,000 and per 1,000,000 tokens to pico-USD per token.
const (
	perOne = 12 // a fee, in pico-USD each
	per1K  = 9
	per1M  = 6
)

var rateForm = regexp.MustCompile(`^([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,2}))?$`)

// pico is the rate as pico-USD per token, given the power of ten that turns one into the other;
// finer rates are rounded half to even.
func (r Rate) pico(power int) (int64, error) {
	part := rateForm.FindStringSubmatch(string(r))
	if part == nil || len(r) > maxRateText {
		return 0, errors.New("is not an amount of USD such as 0.01")
	}
	exponent := 0
	if part[3] != "" {
		exponent, _ = strconv.Atoi(part[3]) // two digits at most, by the pattern
	}
	n, _ := new(big.Int).SetString(part[1]+part[2], 10) // digits only, by the pattern
	shift := power + exponent - len(part[2])
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		n.Mul(n, unit)
	} else {
		n = halfEven(n, unit)
	}
	if n.Cmp(big.NewInt(maxPico)) > 0 {
		return 0, errors.New("is more than 1 USD a token; check the unit")
	}
	return n.Int64(), nil
}

// halfEven is n / unit, rounded half to even.
func halfEven(n, unit *big.Int) *big.Int {
	quotient, rest := new(big.Int).QuoRem(n, unit, new(big.Int))
	c := rest.Lsh(rest, 1).Cmp(unit)
	if c > 0 || c == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	return quotient
}

// given is a component's two fields in a Custom.
type given struct {
	c            component
	name         string
	per1K, per1M Rate
}

func (c *Custom) given() []given {
	return []given{
		{input, "input", c.InputPer1K, c.InputPer1M},
		{output, "output", c.OutputPer1K, c.OutputPer1M},
		{cacheRead, "cache_read", c.CacheReadPer1K, c.CacheReadPer1M},
		{cacheWrite, "cache_write", c.CacheWritePer1K, c.CacheWritePer1M},
		{cacheWrite1h, "cache_write_1h", c.CacheWrite1hPer1K, c.CacheWrite1hPer1M},
		{reasoning, "reasoning", c.ReasoningPer1K, c.ReasoningPer1M},
		{audioInput, "audio_input", c.AudioInputPer1K, c.AudioInputPer1M},
		{audioOutput, "audio_output", c.AudioOutputPer1K, c.AudioOutputPer1M},
		{imageInput, "image_input", c.ImageInputPer1K, c.ImageInputPer1M},
		{imageOutput, "image_output", c.ImageOutputPer1K, c.ImageOutputPer1M},
		{webSearch, "web_search", c.WebSearchPer1K, ""},
		{request, "per_request", c.PerRequest, ""},
	}
}

// compile turns prices by name into a list, or gives every problem at once. Names may have stars.
func compile(source, path string, custom map[string]Custom) (*list, error) {
	l := &list{}
	version := customVersion(source, custom)
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		c, at := custom[name], path+name
		p, err := c.price(source, fold(name), version)
		if err != nil {
			problems = append(problems, fault.At(fault.Invalid, "invalid_value", at,
				"custom price of %s: %s", name, err))
		} else if fold(name) == "" || !l.add(fold(name), p) {
			problems = append(problems, fault.At(fault.Invalid, "invalid_value", at,
				"custom prices name the model %q twice, or it is empty", name))
		}
	}
	return l, errors.Join(problems...)
}

// price makes an entry; name is folded.
func (c *Custom) price(source, name string, version []byte) (*price, error) {
	l, err := c.level(name)
	if err != nil {
		return nil, err
	}
	if l.pico[input] == unknown && l.pico[output] == unknown {
		return nil, errors.New("has neither input_per_1k nor output_per_1k")
	}
	return &price{key: []byte(source + "/" + name), version: version,
		sheets: []sheet{{levels: []level{l}}}}, nil
}

// level is the prices given, and the fallbacks for others.
func (c *Custom) level(name string) (level, error) {
	l := emptyLevel()
	var problems []string
	for _, g := range c.given() {
		if err := g.set(&l); err != nil {
			problems = append(problems, g.name+" "+err.Error())
		}
	}
	if problems != nil {
		return l, errors.New(strings.Join(problems, "; "))
	}
	l.fill(name)
	return l, nil
}

func (g *given) set(l *level) (err error) {
	power := per1K
	if g.c == request {
		power = perOne
	}
	switch {
	case g.per1K != "" && g.per1M != "":
		return errors.New("is given both per_1k and per_1m; keep one")
	case g.per1K != "":
		l.pico[g.c], err = g.per1K.pico(power)
	case g.per1M != "":
		l.pico[g.c], err = g.per1M.pico(per1M)
	}
	return err
}

// customVersion names prices by their content, so that a stored cost tells whether it was made with
// other ones.
func customVersion(source string, custom map[string]Custom) []byte {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(custom)) {
		c := custom[name]
		for _, g := range c.given() {
			if g.per1K != "" || g.per1M != "" {
				fmt.Fprintf(&text, "%q %s %s %s\n", fold(name), g.name, g.per1K, g.per1M)
			}
		}
	}
	return contentVersion(source, []byte(text.String()))
}

func contentVersion(source string, text []byte) []byte {
	sum := sha256.Sum256(text)
	return []byte(source + "/" + hex.EncodeToString(sum[:4]))
}

// Check says what is wrong with a price, or nil.
func (c Custom) Check(name string) error {
	_, err := compile("set", "", map[string]Custom{name: c})
	return err
}
