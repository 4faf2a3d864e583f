package retention

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes as people write it: 20GB, 1.5 TB, 512MiB, or a bare number.
type Size int64

// units of sizes, those first whose names end with the names of others.
var units = []struct {
	name  string
	bytes float64
}{
	{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"GIB", 1 << 30}, {"TIB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1},
}

// ParseSize reads a size.
func ParseSize(text string) (Size, error) {
	for _, unit := range units {
		number, ok := strings.CutSuffix(strings.ToUpper(strings.TrimSpace(text)), unit.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || n < 0 || !(n*unit.bytes < math.MaxInt64) {
			break
		}
		return Size(n * unit.bytes), nil
	}
	return 0, fmt.Errorf("%q is no size; write it as 20GB or 500MiB", text)
}

// UnmarshalText reads a size from the configuration.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// MarshalText writes it exactly, so that what is shown can be read again.
func (s Size) MarshalText() ([]byte, error) {
	for _, unit := range []struct {
		name  string
		bytes Size
	}{
		{"TB", 1e12}, {"TiB", 1 << 40}, {"GB", 1e9}, {"GiB", 1 << 30}, {"MB", 1e6}, {"MiB", 1 << 20},
	} {
		if s > 0 && s%unit.bytes == 0 {
			return fmt.Appendf(nil, "%d%s", s/unit.bytes, unit.name), nil
		}
	}
	return strconv.AppendInt(nil, int64(s), 10), nil
}

// String is the size as the configuration has it.
func (s Size) String() string {
	b, _ := s.MarshalText()
	return string(b)
}
