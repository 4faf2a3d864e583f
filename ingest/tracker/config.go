package tracker

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// Config is the `tracker:` block.
type Config struct {
	// ScriptPath is where the script is served. Lists of ad blockers know the usual names.
	ScriptPath string `yaml:"script_path" restart:"true"`
	// RespectDNT leaves out visitors whose browsers send DNT or Sec-GPC.
	RespectDNT bool `yaml:"respect_dnt"`
	// URL is where browsers find this server: in the snippet that pages get, and in links to the dashboard.
	URL string `yaml:"url"`
}

// At is where browsers find this server, which says of itself that it is at own.
func (c Config) At(own string) string { return cmp.Or(c.URL, own) }

// DefaultConfig is what counts where nothing is set.
func DefaultConfig() Config { return Config{ScriptPath: "/s.js", RespectDNT: true} }

// Validate says what is wrong with the block.
func (c Config) Validate() error {
	p := c.ScriptPath
	if !strings.HasPrefix(p, "/") || !strings.HasSuffix(p, ".js") || len(p) > 128 ||
		strings.ContainsAny(p, "{}?#%\\ ") || strings.Contains(p, "//") || strings.Contains(p, "/.") {
		return fmt.Errorf("script_path must be a plain path that ends in .js, such as /s.js, not %q", p)
	}
	if c.URL == "" {
		return nil
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("url must be like https://stats.example.com, not %q", c.URL)
	}
	return nil
}
