// Command analytics knows what your AI costs and who reads your site: one process that takes events
// in, keeps them, answers questions about them, watches budgets and reports. This file is the floor
// plan: it builds the rooms, in the order of the data, and hangs their doors.
package main

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"
	_ "time/tzdata" // days of any zone, also where the system has none

	"github.com/urfave/cli/v2"

	"analytics/alerts"
	"analytics/engine/auth"
	"analytics/engine/auth/door"
	"analytics/engine/config"
	"analytics/engine/doctor"
	"analytics/engine/jobs"
	"analytics/engine/process"
	"analytics/engine/store"
	"analytics/engine/web"
	"analytics/ingest"
	"analytics/ingest/demo"
	"analytics/ingest/events"
	"analytics/ingest/pricing/register"
	"analytics/query"
	"analytics/query/mcp"
	"analytics/query/openapi"
	"analytics/report"
	"analytics/report/dashboard"
	"analytics/report/outbox"
	"analytics/retention"
	"analytics/rollup"
	"analytics/rollup/bots"
)

// version is set by the linker for releases: -ldflags "-X main.version=1.2.3".
var version = "dev"

func main() { os.Exit(run(context.Background(), os.Args, os.Stdout, os.Stderr)) }

// settings is all settings: the rooms' own, put together as they stand in analytics.yaml.
type settings struct {
	Data       string `yaml:"data" restart:"true"`
	web.Config `yaml:",inline"`
	LogLevel   slog.Level         `yaml:"log_level" restart:"true"`
	Store      store.Sizes        `yaml:"store"`
	Analytics  analyticsBlock     `yaml:"analytics"`
	Ingest     ingest.Config      `yaml:",inline"`
	Bots       bots.Weights       `yaml:"bots" restart:"true"`
	Keep       retention.Settings `yaml:",inline"`
	Report     report.Config      `yaml:"report"`
	Alerts     alerts.Config      `yaml:"alerts"`
	Network    struct {
		Allow          []netip.Prefix `yaml:"allow"`
		TrustedProxies []netip.Prefix `yaml:"trusted_proxies"`
	} `yaml:"network"`

	salvage bool // open a damaged store all the same, for the doctor
}

type analyticsBlock struct {
	events.Config `yaml:",inline"`
	RetentionDays int            `yaml:"retention_days"`
	ByType        map[string]int `yaml:"retention_by_type"`
	Costs         struct {
		Currency        string `yaml:"currency"`
		register.Config `yaml:",inline"`
	} `yaml:"costs"`
	Alerts alerts.Settings `yaml:"alerts"`
}

func (s *settings) policy() retention.Policy {
	return s.Keep.Policy(s.Analytics.RetentionDays, s.Analytics.ByType)
}

func defaults() *settings {
	s := &settings{Data: "./data", Config: web.DefaultConfig(), Report: report.DefaultConfig()}
	s.Ingest, s.Bots, s.Keep = ingest.DefaultConfig(), bots.DefaultWeights(), retention.DefaultSettings()
	s.Analytics.Config, s.Analytics.RetentionDays = events.DefaultConfig(), retention.DefaultDays
	s.Analytics.Costs.Currency, s.Alerts = "USD", alerts.DefaultConfig()
	return s
}

// ingest is what the room of that name needs to know.
func (s *settings) ingest() ingest.Settings {
	return ingest.Settings{
		Config: s.Ingest, Events: s.Analytics.Config, Prices: s.Analytics.Costs.Config,
		Zone: s.Report.Zone(), Allow: s.Network.Allow, Data: s.Data,
	}
}

// copies is what is said of copies of the store.
func (s *settings) copies() retention.Local {
	return retention.Local{Settings: s.Keep, Allow: s.Network.Allow, Sizes: s.Store, Zone: s.Report.Zone(),
		Places: retention.Places{ingest.Forget, rollup.Forget, outbox.Forget, alerts.Forget}}
}

// Validate says what no room can see alone.
func (s *settings) Validate() error {
	var all []error
	if s.Analytics.Costs.Currency != "USD" {
		all = append(all, errors.New("analytics.costs.currency: prices are kept in USD; only USD is possible"))
	}
	channels, err := s.Report.Channels(s.Network.Allow)
	return errors.Join(append(all, err, s.policy().Check(), s.Analytics.Alerts.Check(outbox.Names(channels)))...)
}

// house is the rooms, built.
type house struct {
	cfg       *settings
	log       *slog.Logger
	store     *store.Store
	keys      *auth.Keyring
	sessions  *auth.Sessions
	door      *door.Door
	doctor    *doctor.Door
	health    *web.Health
	mux       *web.Mux
	ingest    *ingest.Room
	mill      *rollup.Room
	desk      *query.Desk
	outbox    *outbox.Outbox
	press     *report.Press
	watch     *alerts.Watch
	keeper    *retention.Room
	scheduler *jobs.Scheduler
	url       string // where browsers find us, "" while nobody does
}

// build builds the rooms from left to right.
func build(ctx context.Context, cfg *settings, log *slog.Logger) (h *house, err error) {
	h = &house{cfg: cfg, log: log, health: web.NewHealth()}
	if h.store, err = openStore(ctx, cfg, log, func() { h.watch.Nudge() }); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			h.store.Close()
		}
	}()
	if h.keys, err = auth.Open(ctx, h.store, time.Now); err != nil {
		return nil, err
	}
	if h.sessions, err = auth.OpenSessions(ctx, h.keys); err != nil {
		return nil, err
	}
	h.door = door.New(h.keys, h.sessions, cfg.Secure(), func() string { return h.url })
	h.doctor = doctor.NewDoor(h.store, time.Now)
	shelf := func(name string) *store.Shelf { return h.store.Shelf(store.Default, name) }
	if h.ingest, err = ingest.Open(h.store, h.keys, cfg.ingest(), time.Now, log); err != nil {
		return nil, err
	}
	derived := rollup.Config{Store: h.store, Zone: cfg.Report.Zone(), Bots: cfg.Bots, Now: time.Now, Log: log}
	doors := rollup.Doors{Classify: h.ingest.Classify, Obey: h.ingest.Obey, Record: h.ingest.Record}
	if h.mill, err = rollup.Open(derived, doors); err != nil {
		return nil, err
	}
	asked := query.Config{Timezone: cfg.Report.Zone().String(), RetentionDays: cfg.Analytics.RetentionDays,
		Mill: h.mill.Mill, Clear: func(ctx context.Context, t store.Tenant, by string) error {
			return h.keeper.Erase(ctx, t, by)
		}}
	if h.desk, err = query.New(h.store, asked, time.Now, log); err != nil {
		return nil, err
	}
	if h.outbox, err = outbox.Open(shelf("outbox"), time.Now, rand.Float64, log); err != nil {
		return nil, err
	}
	state := report.State{Incidents: h.incidents, Budgets: h.ingest.Standings}
	if h.press, err = report.New(h.desk, h.outbox, state, cfg.Report, cfg.Data, log); err != nil {
		return nil, err
	}
	seen := alerts.Doors{Desk: h.desk, Outbox: h.outbox, Ledger: h.ingest.Budgets(), Record: h.ingest.Record, Log: log}
	if h.watch, err = alerts.OpenRoom(h.store, seen); err != nil {
		return nil, err
	}
	h.keeper, err = retention.Open(h.store, retention.Config{Policy: cfg.policy(), Now: time.Now, Log: log},
		retention.Doors{Data: cfg.Data, Record: h.ingest.Record, Local: cfg.copies(), Trail: h.doctor.Trail,
			Forget: h.mill.ForgetDays, Written: h.press.Written,
			Places: retention.Places{h.ingest.Forget, h.mill.Forget, h.outbox.Forget, h.watch.Forget}})
	if err != nil {
		return nil, err
	}
	if h.scheduler, err = jobs.New(shelf("jobs"), h.jobs(), time.Now, log); err != nil {
		return nil, err
	}
	h.hang()
	return h, h.apply(cfg)
}

// apply takes over what may change while the server runs.
func (h *house) apply(cfg *settings) error {
	err := errors.Join(h.watch.Reload(cfg.Analytics.Alerts, cfg.Alerts), h.ingest.Use(cfg.ingest()))
	if err != nil {
		return err
	}
	h.keeper.SetPolicy(cfg.policy())
	return h.press.Use(cfg.Report, cfg.Network.Allow)
}

// openStore opens the data folder alone.
func openStore(ctx context.Context, cfg *settings, log *slog.Logger, committed func()) (*store.Store, error) {
	failpoint, err := store.ExitAt(os.Getenv("ANALYTICS_FAILPOINT"))
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, store.Config{
		Dir: cfg.Data, MemTableSize: cfg.Store.MemTable, MaxHeadBytes: cfg.Store.Head,
		MinFree: cfg.Store.MinFree, Salvage: cfg.salvage, Now: time.Now, Log: log,
		Derive: rollup.Derive(cfg.Report.Zone()), Older: rollup.Older, Failpoint: failpoint, Committed: committed,
	})
}

// jobs is the table of jobs: all that runs by itself at set times.
func (h *house) jobs() []jobs.Job {
	host := process.Host{Store: h.store, Record: h.ingest.Sample, Now: time.Now,
		Lag: func() time.Duration { return h.scheduler.Lag() }}
	return slices.Concat(h.ingest.Jobs(), h.mill.Jobs(), h.press.Jobs(), h.watch.Jobs(), h.keeper.Jobs(),
		h.door.Jobs(), h.doctor.Jobs(h.cfg.Report.Zone(), h.log), host.Jobs())
}

// incidents are the alerts that were open in a span of time, as reports and pages show them.
func (h *house) incidents(from, to time.Time) (all []report.Incident) {
	for _, i := range slices.Backward(h.watch.List("")) {
		if !i.Opened.After(to) && (i.Active() || i.Resolved.After(from)) {
			all = append(all, report.Incident{
				Title: i.Title(), Message: i.Message, Severity: string(i.Severity), Opened: i.Opened.In(h.desk.Zone()),
				Resolved: i.Resolved, Acknowledged: i.State == alerts.Acknowledged,
			})
		}
	}
	return all
}

// hang hangs the doors.
func (h *house) hang() {
	metrics := web.NewMetrics()
	h.mux = web.NewMux(web.Options{
		Keys: h.keys, Sessions: h.sessions, Limiter: auth.NewLimiter(), Metrics: metrics, Log: h.log,
		Now: time.Now, TrustedProxies: h.cfg.Network.TrustedProxies, Secure: h.cfg.Secure(),
	})
	h.health.Routes(h.mux)
	process.Measure(metrics, h.health, h.store)
	h.ingest.Measure(metrics)
	h.mux.HandleQuietly("GET /metrics", auth.Admin, metrics.Handler())
	h.door.Routes(h.mux)
	h.ingest.Routes(h.mux)
	h.mill.Routes(h.mux)
	h.desk.Routes(h.mux)
	h.press.Routes(h.mux)
	dashboard.New(h.desk, h.outbox, h.incidents, h.cfg.Secure()).Routes(h.mux)
	h.watch.Routes(h.mux)
	h.keeper.Routes(h.mux)
	h.doctor.Warn(h.ingest.Warnings, h.outbox.Warnings, h.keeper.Warnings)
	h.doctor.Routes(h.mux)
	h.scheduler.Routes(h.mux)
	mcp.Routes(h.mux, version)
	openapi.Routes(h.mux, version)
}

// close closes the rooms.
func (h *house) close() error {
	return errors.Join(h.ingest.Close(), h.keeper.Close(), h.door.Flush(context.Background()), h.store.Close())
}

// serve builds the house and serves it until it is told to stop. first, if not nil, runs before
// anybody is let in.
func serve(c *cli.Context, cfg *settings, log *slog.Logger, first func(*house) error) (err error) {
	h, err := build(c.Context, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	if first != nil {
		if err := first(h); err != nil {
			return err
		}
	}
	server, err := web.Listen(cfg.Config, cfg.Data, h.mux, log)
	if err = errors.Join(err, h.ingest.Listen(cfg.Ingest, cfg.Config)); err != nil {
		return err
	}
	h.url = cfg.Ingest.Tracker.At(server.URL())
	life := process.Life{
		Serve: server.Serve, Drain: server.Shutdown, Health: h.health,
		Beside: append(h.ingest.Beside(), h.mill.Watch, h.outbox.Run, h.watch.Run, h.keeper.Run, process.Rest),
		Jobs:   h.scheduler, Fatal: h.store.Fatal(), Err: h.store.Err, Log: log,
		Reload: func() error {
			next, err := load(c)
			if err != nil {
				return err
			}
			return errors.Join(h.apply(next), config.Fixed(cfg, next))
		},
	}
	unread := config.Unread(os.Environ(), cfg, "ANALYTICS_CONFIG", "ANALYTICS_FAILPOINT")
	for _, warning := range slices.Concat(
		cfg.ingest().Warnings(), h.ingest.Warnings(), cfg.Report.Warnings(), cfg.Analytics.Alerts.Warnings(), unread,
	) {
		log.Warn(warning)
	}
	return process.Run(c.Context, life, func() error {
		return process.Greet(c.Context, c.App.Writer, server.URL(), cfg.Data, h.keys, h.sessions)
	})
}

// open is the house without a server, for a verb while no server runs.
func open(cfg *settings, log *slog.Logger) web.Opener {
	return func(ctx context.Context) (http.Handler, func() error, error) {
		h, err := build(ctx, cfg, log)
		if err != nil {
			return nil, nil, err
		}
		return process.InProcess(ctx, h.mux, h.close, append(h.ingest.Beside(), h.desk.Alone())...)
	}
}

// load reads the settings as the command line says.
func load(c *cli.Context) (*settings, error) {
	cfg := defaults()
	if err := config.Load(config.Path(c.String("config")), os.Environ(), cfg); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(cmp.Or(c.String("data"), cfg.Data))
	cfg.Data, cfg.Listen = path, cmp.Or(c.String("listen"), cfg.Listen)
	return cfg, errors.Join(err, web.Level(c.String("log-level"), &cfg.LogLevel))
}

// program is one run of the command line.
type program struct {
	cfg        *settings    // once the flags are read
	log, quiet *slog.Logger // quiet is of what talks to people
	client     *web.Client
	errOut     io.Writer
}

// run runs a command line and gives the exit code.
func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	process.Frugal()
	p := &program{client: web.NewClient("", nil), errOut: errOut}
	app := &cli.App{
		Name: "analytics", Version: version, Usage: "what your AI costs and who reads your site",
		Writer: out, ErrWriter: errOut, Suggest: true, EnableBashCompletion: true,
		ExitErrHandler: func(*cli.Context, error) {}, Before: p.begin, Commands: p.verbs(),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "data", Usage: "data folder (ANALYTICS_DATA; ./data)"},
			&cli.StringFlag{Name: "config", Usage: "settings file (analytics.yaml if it is there)",
				EnvVars: []string{"ANALYTICS_CONFIG"}},
			&cli.StringFlag{Name: "listen", Usage: "address of the server (127.0.0.1:8088)"},
			&cli.StringFlag{Name: "log-level", Usage: "debug, info, warn or error"},
		},
	}
	err := app.RunContext(ctx, process.Arrange(process.Explain(app), args))
	return process.Exit(errOut, errors.Join(err, p.client.Close()))
}

// begin reads the settings and says where verbs ask.
func (p *program) begin(c *cli.Context) (err error) {
	if p.cfg, err = load(c); err != nil {
		return err
	}
	p.log = web.NewLog(p.errOut, p.cfg.LogLevel, true)
	p.quiet = web.NewLog(p.errOut, max(p.cfg.LogLevel, slog.LevelWarn), true)
	p.client.Bind(p.cfg.Data, process.Begun(p.cfg.Data, c.Args().Slice(), p.errOut, open(p.cfg, p.quiet)))
	return nil
}

// verbs is the table of verbs.
func (p *program) verbs() []*cli.Command {
	return slices.Concat(
		process.Commands(version, func(c *cli.Context) error { return serve(c, p.cfg, p.log, nil) }),
		demo.Commands(func(c *cli.Context, dir string, first func(*web.Client) error) error {
			p.cfg.Data = dir
			return serve(c, p.cfg, p.quiet, func(h *house) error {
				mux := func(context.Context) (http.Handler, func() error, error) { return h.mux, nil, nil }
				here := web.NewClient(dir, mux)
				return cmp.Or(first(here), h.mill.Seal(c.Context, true),
					query.PrintOverview(c.Context, c.App.Writer, here, "30d"))
			})
		}),
		query.Commands(p.client), mcp.Commands(p.client, version), report.Commands(p.client),
		alerts.Commands(p.client), ingest.Commands(p.client, time.Now), rollup.Commands(p.client),
		retention.Commands(p.client, func() retention.Local { return p.cfg.copies() }), jobs.Commands(p.client),
		door.Commands(p.client, time.Now), config.Commands(func() any { return p.cfg }),
		doctor.Commands(p.client, func(ctx context.Context) (*store.Store, error) {
			p.cfg.salvage = true
			return openStore(ctx, p.cfg, web.NewLog(p.errOut, slog.LevelError, true), nil)
		}, func() []string { return p.cfg.ingest().Wrong() }),
	)
}
