package budget

import (
	"errors"
	"fmt"
	"time"

	"analytics/engine/config"
	"analytics/engine/event"
)

// Config is the `budgets:` block.
type Config struct {
	// Fail is closed or open: whether calls wait and are then refused, or go on, while it is not known
	// what was spent, such as in the first moments after a start.
	Fail string `yaml:"fail" doc:"closed or open: what happens to calls while spend is not known."`
	// UnknownPrice is block, assume or warn: what a pausing budget does with a call whose price nobody
	// knows. assume reserves AssumeCost for it.
	UnknownPrice string         `yaml:"unknown_price" doc:"block, assume or warn: calls without a known price."`
	AssumeCost   config.Decimal `yaml:"assume_cost" doc:"USD to reserve for such a call."`
	// OutputTokens are reserved for a call that sets no limit of its own.
	OutputTokens int64 `yaml:"output_tokens" doc:"Tokens of answer to reserve for a call that sets no limit."`
	// ThrottlePerMinute is how many calls a minute a used-up budget with action throttle lets through.
	ThrottlePerMinute int `yaml:"throttle_per_minute" doc:"Calls a minute past a limit with action throttle."`
	// Limits are the budgets.
	Limits []Setting `yaml:"limits"`
}

// Setting is one budget as it is written in the config.
type Setting struct {
	Name      string            `yaml:"name"`
	Limit     config.Decimal    `yaml:"limit"`
	Period    string            `yaml:"period"`
	Action    string            `yaml:"action"`
	Scope     map[string]string `yaml:"scope"`
	By        []string          `yaml:"by"`
	At        []int             `yaml:"at"`
	Timezone  string            `yaml:"timezone"`
	WeekStart string            `yaml:"week_start"`
}

// The words of Fail and UnknownPrice.
const (
	closed = "closed"
	open   = "open"
	block  = "block"
	assume = "assume"
	warn   = "warn"
)

// DefaultConfig fails closed and assumes five cents for a call of unknown price.
func DefaultConfig() Config {
	cents, err := config.ParseDecimal("0.05")
	if err != nil {
		panic("budget: the default of assume_cost is no number")
	}
	return Config{
		Fail: closed, UnknownPrice: assume, AssumeCost: cents, OutputTokens: 4096, ThrottlePerMinute: 6,
	}
}

// Validate says everything that is wrong with the block.
func (c Config) Validate() error {
	var all []error
	if c.Fail != closed && c.Fail != open {
		all = append(all, fmt.Errorf("fail is closed or open, not %q", c.Fail))
	}
	if c.UnknownPrice != block && c.UnknownPrice != assume && c.UnknownPrice != warn {
		all = append(all, fmt.Errorf("unknown_price is block, assume or warn, not %q", c.UnknownPrice))
	}
	if _, err := c.assumed(); err != nil {
		all = append(all, err)
	}
	if c.OutputTokens < 1 || c.OutputTokens > 1<<30 {
		all = append(all, errors.New("output_tokens must be more than 0"))
	}
	if c.ThrottlePerMinute < 1 || c.ThrottlePerMinute > 60_000 {
		all = append(all, errors.New("throttle_per_minute is a number from 1 to 60000"))
	}
	_, err := c.definitions(time.UTC)
	return errors.Join(append(all, err)...)
}

func (c Config) assumed() (event.NanoUSD, error) {
	nano, err := c.AssumeCost.Scaled(9)
	if err != nil {
		return 0, fmt.Errorf("assume_cost: %w", err)
	}
	if nano < 0 {
		return 0, errors.New("assume_cost is an amount in USD such as 0.05")
	}
	return event.NanoUSD(nano), nil
}

// definitions are the budgets of the block.
func (c Config) definitions(standard *time.Location) (list []Definition, err error) {
	var all []error
	known := map[string]bool{}
	for i, s := range c.Limits {
		nano, err := s.Limit.Scaled(9)
		d := Definition{
			Name: s.Name, Limit: USD(nano), Period: s.Period, Action: Action(s.Action), Scope: s.Scope,
			By: s.By, At: s.At, Timezone: s.Timezone, WeekStart: s.WeekStart, Source: fromConfig,
		}
		if err == nil {
			_, err = d.complete(standard)
		}
		if err == nil && known[d.Name] {
			err = fmt.Errorf("there are two budgets of the name %s", d.Name)
		}
		if err != nil {
			all = append(all, fmt.Errorf("limits[%d]: %w", i, err))
			continue
		}
		known[d.Name] = true
		list = append(list, d)
	}
	return list, errors.Join(all...)
}
