package report

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"analytics/engine/fault"
	"analytics/engine/store"
	files "analytics/engine/whole"
	"analytics/query"
	"analytics/report/chart"
	"analytics/report/outbox"
)

// askFunc asks one question of one tenant's events, verbFunc one that has a verb of its own.
type (
	askFunc  func(query.Question) (*query.Answer, error)
	verbFunc func(group, name string, values url.Values) (*query.Answer, error)
)

// Press writes reports, keeps them as files and hands them to the outbox. It is safe for concurrent
// use.
type Press struct {
	desk   *query.Desk
	outbox *outbox.Outbox
	state  State
	dir    string // <data>/reports
	log    *slog.Logger
	hour   int // of the day, when the jobs are due
	minute int

	weekly, monthly bool // their reports are wanted

	filing sync.Mutex // a report's files at a time
}

// New makes a press that writes under the data directory. The config must be valid.
func New(
	desk *query.Desk, box *outbox.Outbox, state State, cfg Config, data string, log *slog.Logger,
) (*Press, error) {
	hour, minute, err := cfg.clock()
	if err != nil {
		return nil, fault.New(fault.Invalid, "invalid_config", "report.%v", err)
	}
	return &Press{
		desk: desk, outbox: box, state: state, dir: filepath.Join(data, "reports"), log: log,
		hour: hour, minute: minute, weekly: cfg.Weekly, monthly: cfg.Monthly,
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

// Write asks the questions of a report and lays it out. The state of budgets is that of now.
func (p *Press) Write(ctx context.Context, t store.Tenant, about Subject, span Span) (*Report, error) {
	ask := func(q query.Question) (*query.Answer, error) { return p.desk.Answer(ctx, t, q) }
	verb := func(group, name string, values url.Values) (*query.Answer, error) {
		for _, v := range query.Verbs() {
			if v.Group == group && v.Name == name {
				return p.desk.Ask(ctx, t, &v, values)
			}
		}
		return nil, fault.New(fault.Internal, "unknown_verb", "there is no verb %s %s", group, name)
	}
	now := p.desk.Now()
	if about == Traffic {
		a, err := trafficQuestions(ask, verb, span, now)
		if err != nil {
			return nil, err
		}
		r := trafficReport(span, now, a)
		return &r, nil
	}
	a, err := costQuestions(ask, span, now)
	if err != nil {
		return nil, err
	}
	if t == store.Default {
		if a.budgets, err = p.state.standings(ctx); err != nil {
			return nil, err
		}
		a.incidents = p.state.incidents(span.From, span.until(now))
	}
	r := costReport(span, now, a)
	return &r, nil
}

// Publish writes the report of a span, keeps it as a file and, if a channel is set, hands it to the
// outbox, which sends it once. missed is how many earlier days were left out. It may run twice: the
// same figures change nothing, others correct file and message.
func (p *Press) Publish(ctx context.Context, about Subject, span Span, missed int) (*Report, error) {
	r, err := p.Write(ctx, store.Default, about, span)
	if err != nil {
		return nil, err
	}
	if missed > 0 {
		r.Headline = append(r.Headline, fmt.Sprintf("%s before this one %s not written while the "+
			"program was down; `analytics report daily --date DATE` prints any day.",
			plural(int64(missed), "report"), wasWere(missed)))
	}
	drawn, ok := p.picture(r)
	path, err := p.file(r, drawn, ok)
	if err != nil {
		return nil, err
	}
	p.log.Info("report written", "report", r.Name, "date", span.Key, "file", path)
	if p.outbox.Enabled() {
		l := outbox.Letter{Report: r.Name, Period: span.Key, Note: r.letter()}
		l.Note.Images = images(drawn, ok)
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
func (p *Press) Send(ctx context.Context, about Subject, span Span) (outbox.Entry, error) {
	if !p.outbox.Enabled() {
		return outbox.Entry{}, fault.New(fault.Conflict, "no_webhook",
			"there is no channel to send to; set report.discord.webhook_url, report.email or report.notify")
	}
	r, err := p.Publish(ctx, about, span, 0)
	if err != nil {
		return outbox.Entry{}, err
	}
	if _, err := p.outbox.Flush(ctx); err != nil {
		return outbox.Entry{}, err
	}
	e, ok := p.outbox.Find(r.Name, span.Key)
	if !ok {
		return e, fault.New(fault.Conflict, "no_channel", "the report is written to %s, and no channel takes reports; "+
			"see for: of report.notify", p.path(r))
	}
	return e, nil
}

// file keeps the report as <key>-<name>.md and its chart as .png, which is there before the file that
// links to it. Each is written beside, synced and renamed.
func (p *Press) file(r *Report, drawn chart.Picture, ok bool) (string, error) {
	p.filing.Lock()
	defer p.filing.Unlock()
	picture, err := p.keep(r, drawn, ok)
	if err != nil {
		return "", fmt.Errorf("report chart: %w", err)
	}
	path := p.path(r)
	if err := writeFile(path, r.Markdown(picture)); err != nil {
		return "", fmt.Errorf("report file: %w", err)
	}
	return path, nil
}

func (p *Press) path(r *Report) string { return filepath.Join(p.dir, r.base()+".md") }

// writeFile replaces a file; of one there is one writer at a time.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return files.Write(path, text)
}

// dayOf is the day of a job's period.
func (p *Press) dayOf(key string) (Span, error) {
	t, err := time.Parse(time.DateOnly, key)
	if err != nil {
		return Span{}, fmt.Errorf("report: period %q is not a date", key)
	}
	return DayOf(t.Year(), t.Month(), t.Day(), p.desk.Zone()), nil
}
