package importer

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"analytics/engine/fault"
	"analytics/engine/web"
	"analytics/ingest/accesslog"
	"analytics/ingest/sites"
)

// accessLogs are the logs of a web server as the command line names them.
type accessLogs struct {
	from, layout, site, zone string
	files                    []string
}

// options checks everything that can be wrong before a file is opened.
func (a *accessLogs) options(now func() time.Time) (accesslog.Options, error) {
	o := accesslog.Options{Site: a.site, Now: now}
	var err error
	if o.Format, err = accesslog.NewFormat(a.from, a.layout); err != nil {
		return o, err
	}
	if a.site == "" && !o.Format.Hosted() {
		return o, fault.At(fault.Invalid, "missing_flag", "site", "these logs do not say which site was "+
			"asked; add --site example.com, or --log-format with the one the server writes")
	}
	if o.Zone, err = time.LoadLocation(cmp.Or(a.zone, "UTC")); err != nil {
		return o, fault.At(fault.Invalid, "invalid_flag", "timezone",
			"--timezone must be a name such as Europe/Berlin, not %q", a.zone)
	}
	if len(a.files) == 0 {
		return o, fault.New(fault.Invalid, "one_file", "name the files: analytics import --from %s FILE…, "+
			"or - for standard input", a.from)
	}
	return o, nil
}

// openAccess opens the logs of a web server.
func openAccess(a *accessLogs, stdin io.Reader, now func() time.Time) (*source, error) {
	o, err := a.options(now)
	if err != nil {
		return nil, err
	}
	s := new(source)
	for _, name := range a.files {
		if name == "-" {
			s.size = -1
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return nil, notFound(name, err)
		}
		if info.IsDir() {
			return nil, fault.New(fault.Invalid, "is_a_folder", "%s is a folder; name the files in it", name)
		}
		if s.size >= 0 {
			s.size += info.Size()
		}
	}
	s.access = accesslog.NewStream(a.files, func(name string) (io.ReadCloser, error) {
		if name == "-" {
			return unpacked(&counter{stdin, &s.read})
		}
		file, err := s.openLog(name)
		if err != nil && fault.Of(err).Code == "internal" {
			err = notFound(name, err)
		}
		return file, err
	}, o)
	s.lines = s.access
	s.close = append(s.close, s.access.Close)
	return s, nil
}

// nothingRead is the error for logs of which no line could be read: they are another server's.
func nothingRead(sum *accesslog.Summary) error {
	if sum == nil || sum.Bad == 0 || sum.Bad < sum.Lines-sum.Notes {
		return nil
	}
	first := ""
	if len(sum.Errors) > 0 {
		first = fmt.Sprintf("; line %d %s", sum.Errors[0].Line, sum.Errors[0].Message)
	}
	return fault.New(fault.Invalid, "unknown_format", "no line could be read%s. Check --from, or say the "+
		"server's own format with --log-format", first)
}

// twice warns whoever imports the log of a site whose views a tracker counts. It is a hint: where the list of
// sites cannot be had, nothing is said. Views from before the site was registered are in no tracker.
func (a *accessLogs) twice(ctx context.Context, client *web.Client, last time.Time, w io.Writer) {
	var known struct {
		Sites []sites.Site `json:"sites"`
	}
	if a.site == "" || client.JSON(ctx, http.MethodGet, "/v1/sites", nil, nil, &known) != nil {
		return
	}
	for _, s := range known.Sites {
		if s.Domain == sites.Domain(a.site) && s.Mode == sites.Tracker && last.After(s.Created) {
			_, _ = fmt.Fprintf(w, "%s is registered as counted by its tracker: views that both saw count twice. To have "+
				"the log count,\nregister it anew with analytics sites add --mode server; its pages then need the new "+
				"snippet.\n", s.Domain)
		}
	}
}
