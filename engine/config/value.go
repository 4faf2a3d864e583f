package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math/big"
	"slices"

	"github.com/goccy/go-yaml"

	"analytics/engine/spelling"
)

// redacted stands in the place of secrets.
const redacted = "[redacted]"

// Secret is a setting that is never printed: a webhook's address, a password.
type Secret string

// String hides the secret; string(s) is the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// Format hides the secret from every verb of fmt, also from those that are wrong for a text.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue hides the secret from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalYAML hides the secret in YAML.
func (s Secret) MarshalYAML() ([]byte, error) { return yaml.Marshal(s.String()) }

// MarshalJSON hides the secret in JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", s.String()), nil }

// Decimal is a number as it was written, so that 0.1 is a tenth.
type Decimal struct {
	text  string
	wrong bool // no number: the loader has told so
}

// errTold is in the errors about a setting that the loader has refused already: its part need not
// know, and each problem is told once.
var errTold = errors.New("is told with its line")

// ParseDecimal reads a decimal number such as "100.00".
func ParseDecimal(text string) (Decimal, error) {
	if _, ok := new(big.Rat).SetString(text); !ok {
		return Decimal{}, fmt.Errorf("%q is not a number", text)
	}
	return Decimal{text: text}, nil
}

// UnmarshalYAML reads the number as it is written.
func (d *Decimal) UnmarshalYAML(b []byte) error {
	var text string
	if err := yaml.Unmarshal(b, &text); err != nil {
		return err
	}
	parsed, err := ParseDecimal(text)
	if err == nil {
		*d = parsed
	}
	return err
}

// MarshalYAML writes the number as it was written.
func (d Decimal) MarshalYAML() ([]byte, error) { return []byte(d.String()), nil }

// String is the number as it was written, 0 if it was not.
func (d Decimal) String() string {
	if d.text == "" {
		return "0"
	}
	return d.text
}

// Scaled is the number times 10^digits. It fails if that is not whole or over 63 bits.
func (d Decimal) Scaled(digits int) (int64, error) {
	if d.wrong {
		return 0, fmt.Errorf("%q is not a number: %w", d.text, errTold)
	}
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		return 0, fmt.Errorf("%q is not a number", d.text)
	}
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	r.Mul(r, new(big.Rat).SetInt(scale))
	if !r.IsInt() || !r.Num().IsInt64() {
		return 0, fmt.Errorf("%s has more than %d decimals or is too large", d.text, digits)
	}
	return r.Num().Int64(), nil
}

// Show is the settings as YAML, with secrets hidden.
func Show(root any) (string, error) {
	b, err := yaml.MarshalWithOptions(root, yaml.Indent(2), yaml.IndentSequence(true))
	return string(b), err
}

// nearest proposes a known key for one that was probably mistyped.
func nearest(name string, known map[string][]int) string {
	best, least := "", len(name)/2+1
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if d := spelling.Distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("; did you mean %s?", best)
	}
	return fmt.Sprintf("; known here: %v", slices.Sorted(maps.Keys(known)))
}
