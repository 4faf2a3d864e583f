package report

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	"analytics/query"
	"analytics/report/outbox"
)

// askFunc asks one question of one tenant's events.
type askFunc func(query.Question) (*query.Answer, error)

// Press writes reports, keeps them as files and hands them to the outbox. It is safe for concurrent
// use.
type Press struct {
	desk   *query.Desk
	outbox *outbox.Outbox
	dir    string // <data>/reports
	log    *slog.Logger
	hour   int // of the day, when the jobs are due
	minute int
}

// New makes a press that writes under the data directory. The config must be valid.
func New(
	desk *query.Desk, box *outbox.Outbox, cfg Config, data string, log *slog.Logger,
) (*Press, error) {
	hour, minute, err := cfg.clock()
	if err != nil {
		return nil, fault.New(fault.Invalid, "invalid_config", "report.%v", err)
	}
	return &Press{
		desk: desk, outbox: box, dir: filepath.Join(data, "reports"), log: log,
		hour: hour, minute: minute,
	}, nil
}

// Use takes the channels from a config: at the start, and when the settings are read again.
func (p *Press) Use(cfg Config, allow []netip.Prefix) error {
	all, err := cfg.Channels(allow)
	if err != nil {
		return err
	}
	p.outbox.Use(all...)
	return nil
}

// names are the reports by the words one asks for them with; "daily" is all of them.
var names = map[string][]string{
	"daily": {CostsName, TrafficName},
	"costs": {CostsName}, CostsName: {CostsName},
	"traffic": {TrafficName}, TrafficName: {TrafficName},
}

// named finds reports by a word.
func named(word string) ([]string, error) {
	if found, ok := names[word]; ok {
		return found, nil
	}
	return nil, fault.At(fault.NotFound, "unknown_report", "name",
		"there is no report %.40q; there are daily (all), costs and traffic", word)
}

// Write asks the questions of a report and lays it out.
func (p *Press) Write(ctx context.Context, t store.Tenant, name string, day Day) (*Report, error) {
	ask := func(q query.Question) (*query.Answer, error) { return p.desk.Answer(ctx, t, q) }
	now := p.desk.Now()
	var r Report
	switch name {
	case CostsName:
		a, err := costQuestions(ask, day, now)
		if err != nil {
			return nil, err
		}
		r = costReport(day, now, a)
	case TrafficName:
		a, err := trafficQuestions(ask, day, now)
		if err != nil {
			return nil, err
		}
		r = trafficReport(day, now, a)
	default:
		_, err := named(name)
		return nil, err
	}
	return &r, nil
}

// Publish writes the report of a day, keeps it as a file and, if a channel is set, hands it to the
// outbox, which sends it once. missed is how many earlier days were left out. It may run twice: the
// same figures change nothing, others correct file and message.
func (p *Press) Publish(ctx context.Context, name string, day Day, missed int) (*Report, error) {
	r, err := p.Write(ctx, store.Default, name, day)
	if err != nil {
		return nil, err
	}
	if missed > 0 {
		r.Headline = append(r.Headline, fmt.Sprintf("%s before this one %s not written while the "+
			"program was down; `analytics report daily --date DATE` prints any day.",
			plural(int64(missed), "report"), wasWere(missed)))
	}
	path, err := p.file(r)
	if err != nil {
		return nil, err
	}
	p.log.Info("report written", "report", name, "date", day.Date, "file", path)
	if p.outbox.Enabled() {
		l := outbox.Letter{Report: name, Period: day.Date, Note: r.letter()}
		_, err = p.outbox.Enqueue(ctx, l)
	}
	return r, err
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// Send publishes the report and waits for the outcome of the first attempt.
func (p *Press) Send(ctx context.Context, name string, day Day) (outbox.Entry, error) {
	if !p.outbox.Enabled() {
		return outbox.Entry{}, fault.New(fault.Conflict, "no_webhook",
			"there is no channel to send to; set report.discord.webhook_url, report.email or report.notify")
	}
	if _, err := p.Publish(ctx, name, day, 0); err != nil {
		return outbox.Entry{}, err
	}
	if _, err := p.outbox.Flush(ctx); err != nil {
		return outbox.Entry{}, err
	}
	e, _ := p.outbox.Find(name, day.Date)
	return e, nil
}

// file keeps the report as <date>-<name>.md: written beside, synced, renamed.
func (p *Press) file(r *Report) (string, error) {
	path := filepath.Join(p.dir, r.Day.Date+"-"+r.Name+".md")
	if err := writeFile(path, r.Markdown()); err != nil {
		return "", fmt.Errorf("report file: %w", err)
	}
	return path, nil
}

func writeFile(path string, text []byte) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, "."+strings.TrimSuffix(filepath.Base(path), ".md")+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temp.Close()
			os.Remove(temp.Name())
		}
	}()
	if _, err := temp.Write(text); err != nil {
		return err
	}
	if err := temp.Sync(); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// day reads the word for a day in the reporting zone.
func (p *Press) day(word string) (Day, error) {
	return ParseDay(word, p.desk.Now(), p.desk.Zone())
}

// dayOf is the day of a job's period.
func (p *Press) dayOf(key string) (Day, error) {
	t, err := time.Parse(time.DateOnly, key)
	if err != nil {
		return Day{}, fmt.Errorf("report: period %q is not a date", key)
	}
	return DayOf(t.Year(), t.Month(), t.Day(), p.desk.Zone()), nil
}
